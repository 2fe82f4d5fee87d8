// Counts requests that were refused, by reason, and makes an event of the
// counts now and then: a stream of its own beside the devices' logs (AL-27),
// which a stranger cannot fill, however much it asks.
#ifndef SERVICES_ISSUANCE_COUNT_REFUSALS_H_
#define SERVICES_ISSUANCE_COUNT_REFUSALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/executor/mutex.h"
#include "services/issuance/registrar_desk.h"
#include "services/observe/clock.h"
#include "services/status/reason.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

inline constexpr char kRequestsRefused[] = "requests-refused";

// Thread-safe.
class CountRefusals final : public RegistrarDesk {
 public:
  // Both outlive this.
  CountRefusals(RegistrarDesk& desk, const Clock& clock)
      : desk_(desk), clock_(clock), since_(clock.Now()) {}

  void RequestVouchers(std::vector<PendingCall> calls) override;
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override;

  // One event for each tenant of `catalog` that refused something since the
  // last call, and one in the catalog's own log for what was asked under names
  // that no tenant has. What cannot be written is counted on.
  absl::Status Write(const RequestContext& context,
                     storage::AuditSequence& sequence,
                     const masa::v1::Catalog& catalog);

 private:
  // By reason.
  using Counts = std::map<Reason, int64_t>;

  void Count(const std::string& host, const absl::Status& status);
  void CountAgain(const std::map<std::string, Counts>& hosts);

  RegistrarDesk& desk_;
  const Clock& clock_;
  Mutex mutex_;
  absl::Time since_ ABSL_GUARDED_BY(mutex_);
  // By host name, of which a caller may give any: only so many are told apart.
  std::map<std::string, Counts> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_COUNT_REFUSALS_H_
