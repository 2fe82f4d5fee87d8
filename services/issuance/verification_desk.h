// Verifications of the log in the background, as use cases: the faces only
// translate. For operators. Thread-safe; blocks. Every error carries a reason;
// what is started or cancelled is an audit event.
#ifndef SERVICES_ISSUANCE_VERIFICATION_DESK_H_
#define SERVICES_ISSUANCE_VERIFICATION_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
#include "storage/verification_store.h"

namespace masa::issuance {

class VerificationDesk {
 public:
  virtual ~VerificationDesk() = default;

  // Of the log as its newest checkpoint has it. kPermissionDenied,
  // kAuditLogUnknown when there is none, kRequestIdReused.
  virtual absl::StatusOr<storage::AuditVerification> Start(
      const RequestContext& context, const identity::Principal& caller,
      const Once& once) = 0;

  // kPermissionDenied, kJobUnknown, here and below. An id has 16 octets.
  virtual absl::StatusOr<storage::AuditVerification> Get(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& id) = 0;

  // Newest first, before the one with the id `before` (empty: none), at most
  // `limit`.
  virtual absl::StatusOr<std::vector<storage::AuditVerification>> List(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& before, int limit) = 0;

  // kJobEnded for one that ended otherwise.
  virtual absl::StatusOr<storage::AuditVerification> Cancel(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& id) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VERIFICATION_DESK_H_
