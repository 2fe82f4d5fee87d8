// Signs what ownership histories wait for: one signature for each batch of
// entries, after the transaction that wrote them. Several replicas may do so at
// once: the first signature of a batch stays. What was not signed when a
// process ended is signed by the next.
#ifndef SERVICES_ISSUANCE_SIGN_HISTORIES_H_
#define SERVICES_ISSUANCE_SIGN_HISTORIES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/policies.h"
#include "services/observe/clock.h"
#include "services/signing/signer.h"
#include "storage/history_store.h"

namespace masa::issuance {

// Thread-safe; blocks.
class SignHistories {
 public:
  // All outlive this.
  SignHistories(storage::HistoryStore& histories, Policies& policies,
                signing::Signer& signer, const Clock& clock)
      : histories_(histories),
        policies_(policies),
        signer_(signer),
        clock_(clock) {}

  // Signs at most `limit` batches, which is 1 to 256, of each tenant that has a
  // key for it; how many. One tenant's failure does not stop the others; the
  // last one is returned.
  absl::StatusOr<int> SignSome(const RequestContext& context, int limit);

  // How long the oldest of the batches that it finds unsigned has waited, of
  // tenants that have a key for it; at least, since it looks at 16 of each.
  // Zero when none waits.
  absl::StatusOr<absl::Duration> UnsignedFor(const RequestContext& context);

 private:
  absl::StatusOr<int> SignFor(const RequestContext& context,
                              const masa::v1::Tenant& tenant, int limit);

  storage::HistoryStore& histories_;
  Policies& policies_;
  signing::Signer& signer_;
  const Clock& clock_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SIGN_HISTORIES_H_
