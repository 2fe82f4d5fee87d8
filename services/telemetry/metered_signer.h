// A decorator that counts and times what a signer is asked, and changes
// nothing.
#ifndef SERVICES_TELEMETRY_METERED_SIGNER_H_
#define SERVICES_TELEMETRY_METERED_SIGNER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/signing/signer.h"
#include "services/status/reason.h"

namespace masa::telemetry {

class MeteredSigner final : public signing::Signer {
 public:
  // Series masa_signer_sign_seconds{backend,key}, a call each, by the key's
  // name without its version; masa_signer_errors_total{backend,code} and
  // masa_signer_signatures_total{backend}, an item each;
  // masa_voucher_batch_size, items of a call; masa_voucher_lint_failures_total,
  // items that the key refused. `backend` is local, pkcs11 or remote. `signer`
  // and `registry` outlive this.
  MeteredSigner(signing::Signer& signer, prometheus::Registry& registry,
                const std::string& backend);

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const signing::ToBeSigned> items) override;
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override;

 private:
  prometheus::Histogram& SecondsOf(const std::string& key);
  void CountFailure(const absl::Status& status);

  signing::Signer& signer_;
  const std::string backend_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Histogram& batch_size_;
  prometheus::Counter& signatures_;
  prometheus::Counter& lint_failures_;
  std::map<Reason, prometheus::Counter*> errors_;
  absl::Mutex mutex_;
  std::map<std::string, prometheus::Histogram*> by_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_METERED_SIGNER_H_
