// The use cases of verification_desk.h over the stores.
#ifndef SERVICES_ISSUANCE_SERVE_VERIFICATIONS_H_
#define SERVICES_ISSUANCE_SERVE_VERIFICATIONS_H_

#include <string>
#include <vector>

#include "services/issuance/verification_desk.h"
#include "services/observe/clock.h"
#include "storage/audit_log.h"

namespace masa::issuance {

class ServeVerifications final : public VerificationDesk {
 public:
  // All outlive this.
  ServeVerifications(storage::AuditLog& log,
                     storage::VerificationStore& verifications,
                     const Clock& clock)
      : log_(log), verifications_(verifications), clock_(clock) {}

  absl::StatusOr<storage::AuditVerification> Start(
      const RequestContext& context, const identity::Principal& caller,
      const Once& once) override;
  absl::StatusOr<storage::AuditVerification> Get(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& id) override;
  absl::StatusOr<std::vector<storage::AuditVerification>> List(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& before, int limit) override;
  absl::StatusOr<storage::AuditVerification> Cancel(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& id) override;

 private:
  storage::AuditLog& log_;
  storage::VerificationStore& verifications_;
  const Clock& clock_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_VERIFICATIONS_H_
