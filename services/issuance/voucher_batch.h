// Vouchers' bytes from vouchers' data: prepare, sign (where the lint stands),
// finish. One voucher is a batch of one.
#ifndef SERVICES_ISSUANCE_VOUCHER_BATCH_H_
#define SERVICES_ISSUANCE_VOUCHER_BATCH_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "services/observe/clock.h"
#include "services/observe/request_context.h"
#include "services/signing/signer.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_template.h"

namespace masa::issuance {

// One voucher per item, in order; an item fails alone, with the signer's
// reason. All items are signed with `key` in one call. A signing time is each
// voucher's created-on (CM-08).
std::vector<absl::StatusOr<std::string>> MakeVouchers(
    const RequestContext& context, std::vector<wire::Voucher> vouchers,
    const wire::VoucherTemplate& form, signing::Signer& signer,
    const std::string& key);

// The encoded fixed parts per key and format, made from what the signer says of
// the key and asked for again after a minute. Thread-safe.
class VoucherTemplates {
 public:
  // Both outlive this.
  VoucherTemplates(signing::Signer& signer, const Clock& clock)
      : signer_(signer), clock_(clock) {}

  absl::StatusOr<std::shared_ptr<const wire::VoucherTemplate>> For(
      const RequestContext& context, const std::string& key,
      masa::v1::Format format, const masa::v1::Product& product);

 private:
  struct Entry {
    std::shared_ptr<const wire::VoucherTemplate> form;
    absl::Time made_at;
  };

  signing::Signer& signer_;
  const Clock& clock_;
  absl::Mutex mutex_;
  // By key, format, and what else of the product shapes the octets.
  std::map<std::tuple<std::string, masa::v1::Format, bool, std::string>, Entry>
      entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_BATCH_H_
