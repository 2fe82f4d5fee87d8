#include "services/issuance/serve_certificates.h"

#include <utility>

#include "services/enrollment/profile.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/repeats.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/certificate_rules.h"

namespace masa::issuance {

absl::StatusOr<storage::IssuedCertificate> ServeCertificates::Get(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& serial) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(
      storage::IssuedCertificate found,
      tools_.certificates.FindCertificates(context, {serial}).front());
  if (found.tenant_id != caller.tenant_id) {
    return storage::CertificateIsUnknown();
  }
  return found;
}

absl::StatusOr<std::vector<storage::IssuedCertificate>> ServeCertificates::List(
    const RequestContext& context, const identity::Principal& caller,
    const storage::CertificateFilter& filter, const std::string& after,
    int limit) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  storage::CertificateFilter ours = filter;
  ours.tenant_id = caller.tenant_id;
  return tools_.certificates.ListCertificates(context, ours, after, limit);
}

absl::StatusOr<storage::IssuedCertificate> ServeCertificates::Revoke(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& serial, int32_t reason, const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return tools_.certificates.Revoke(
      context, caller.name, tools_.clock.Now(),
      {caller.tenant_id, serial, reason, OrderOf(caller, once)});
}

absl::Status ServeCertificates::CreateToken(const RequestContext& context,
                                            const identity::Principal& caller,
                                            const TokenOrder& order,
                                            const Once& once) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 366);
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  const absl::Time now = tools_.clock.Now();
  if (order.expires_at <= now || order.expires_at > now + kLongest) {
    return AtField(Refuse(Reason::kInvalidArgument,
                          "a token ends within a year, and not before now"),
                   "expire_time");
  }
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(caller.tenant_id));
  MASA_RETURN_IF_ERROR(enrollment::ProfileOf(*tenant, order.profile).status());
  return tools_.certificates.AddPermits(
      context, caller.name, now,
      {caller.tenant_id, order.profile, order.token_digest, order.subjects,
       order.expires_at, OrderOf(caller, once)});
}

}  // namespace masa::issuance
