#include "services/issuance/serve_verifications.h"

#include <limits>

#include "services/issuance/ids.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/verification_steps.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

using storage::AuditVerification;

absl::StatusOr<AuditVerification> ServeVerifications::Start(
    const RequestContext& context, const identity::Principal& caller,
    const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(
      const auto newest,
      log_.ListCheckpoints(context, caller.tenant_id,
                           std::numeric_limits<uint64_t>::max(), 1));
  if (newest.empty()) {
    return Refuse(Reason::kAuditLogUnknown,
                  "the audit log has no checkpoint to be held against yet");
  }
  const absl::Time now = clock_.Now();
  AuditVerification one;
  one.set_tenant_id(caller.tenant_id);
  one.set_verification_id(NewId(now));
  one.set_actor(caller.name);
  one.set_state(storage::v1::AUDIT_VERIFICATION_STATE_PENDING);
  one.set_size(newest.front().size);
  one.set_note(newest.front().note);
  one.set_created_at(absl::ToUnixMicros(now));
  one.set_updated_at(absl::ToUnixMicros(now));
  std::optional<storage::OnceOrder> order;
  if (!once.id.empty()) {
    order = storage::OnceOrder{{caller.tenant_id, caller.name, once.id},
                               once.digest};
  }
  return verifications_.StartVerification(context, now, one, order);
}

absl::StatusOr<AuditVerification> ServeVerifications::Get(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& id) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return verifications_.GetVerification(context, {caller.tenant_id, id});
}

absl::StatusOr<std::vector<AuditVerification>> ServeVerifications::List(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& before, int limit) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return verifications_.ListVerifications(context, caller.tenant_id, before,
                                          limit);
}

absl::StatusOr<AuditVerification> ServeVerifications::Cancel(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& id) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  const absl::Time now = clock_.Now();
  return verifications_.ChangeVerification(context, caller.name, now,
                                           {caller.tenant_id, id},
                                           CancelVerification(now));
}

}  // namespace masa::issuance
