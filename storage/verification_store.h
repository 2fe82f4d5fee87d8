// The promise of verifications of the audit log that run in the background: who
// asked for each, how far it has come, and what did not fit. How one goes on is
// decided outside, by plans on the record as it is stored. Thread-safe; blocks;
// never stale. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_VERIFICATION_STORE_H_
#define STORAGE_VERIFICATION_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/storage/v1/audit_verification.pb.h"
#include "services/observe/request_context.h"
#include "storage/audit_event.h"
#include "storage/device_changes.h"
#include "storage/once.h"

namespace masa::storage {

using v1::AuditVerification;

struct VerificationKey {
  std::string tenant_id;
  std::string verification_id;  // 16 octets
};

struct VerificationChange {
  AuditVerification verification;    // as it shall stand
  const char* event_kind = nullptr;  // null: no event
};

// Pure; it may be called again.
using VerificationPlan = std::function<absl::StatusOr<VerificationChange>(
    const AuditVerification& stored)>;

class VerificationStore {
 public:
  virtual ~VerificationStore() = default;

  // Durable on return, with an audit event. A repeat under `once` is answered
  // with the one of then, as it is now; kRequestIdReused for another order.
  virtual absl::StatusOr<AuditVerification> StartVerification(
      const RequestContext& context, absl::Time at,
      const AuditVerification& verification,
      const std::optional<OnceOrder>& once) = 0;

  // kJobUnknown.
  virtual absl::StatusOr<AuditVerification> GetVerification(
      const RequestContext& context, const VerificationKey& key) = 0;

  // The tenant's, newest first, before the one with the id `before` (empty:
  // none), at most `limit`.
  virtual absl::StatusOr<std::vector<AuditVerification>> ListVerifications(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& before, int limit) = 0;

  // Writes what `plan` makes of the record: durable on return, with its audit
  // event in one transaction. kJobUnknown, and what the plan says.
  virtual absl::StatusOr<AuditVerification> ChangeVerification(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VerificationKey& key, const VerificationPlan& plan) = 0;

  // Of all tenants those that nobody runs, the ones that have waited longest
  // first, at most `limit`.
  virtual absl::StatusOr<std::vector<AuditVerification>> ListReadyVerifications(
      const RequestContext& context, absl::Time now, int limit) = 0;
};

// What all implementations ask and say alike. Pure.

// kInvalidArgument when an id has not its length or a text cannot be stored.
absl::Status CheckVerification(const AuditVerification& verification);
absl::Status VerificationUnknown();
bool HasEnded(const AuditVerification& verification);
// When somebody may take it to run it; none when it has ended.
std::optional<absl::Time> ReadyAt(const AuditVerification& verification);
// Which one, how far it is, and the first that did not fit.
AuditEvent VerificationEvent(const char* kind,
                             const AuditVerification& verification,
                             const Change& change);

}  // namespace masa::storage

#endif  // STORAGE_VERIFICATION_STORE_H_
