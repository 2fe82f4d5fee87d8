#include "services/issuance/hear.h"

#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/revocation.h"

namespace masa::issuance {

absl::Status CheckPath(const Tools& tools, const RegistrarCall& call) {
  if (!call.fossil_path) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const auto policies,
                        tools.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantOfHost(call.host));
  wire::Forgiven forgiven;
  forgiven.path = true;
  return voucher::CheckForgiven(forgiven,
                                policies->TenantForgives(tenant->tenant_id()));
}

absl::StatusOr<Heard> Hear(const Tools& tools, const RegistrarCall& call,
                           absl::Time now) {
  MASA_ASSIGN_OR_RETURN(auto policies, tools.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantOfHost(call.host));
  const bool forgives = policies->TenantForgives(tenant->tenant_id());
  MASA_ASSIGN_OR_RETURN(wire::Reception reception,
                        wire::Receive(call.content_type, call.body, forgives));
  if (!policies->TenantTakes(tenant->tenant_id(), reception.format)) {
    return Refuse(Reason::kMediaTypeUnknown,
                  "no device of this manufacturer uses this media type");
  }
  MASA_ASSIGN_OR_RETURN(
      wire::VoucherRequest request,
      wire::ParseVoucherRequest(reception.format, reception.artifact));
  reception.forgiven.path = call.fossil_path;
  reception.forgiven.top_key =
      request.leaves.top_key != wire::TopKey::kVoucherRequest;
  MASA_RETURN_IF_ERROR(voucher::CheckForgiven(reception.forgiven, forgives));
  MASA_ASSIGN_OR_RETURN(voucher::Registrar registrar,
                        voucher::CheckRegistrar(request, tools.verifier, now));
  registrar.is_public = voucher::LeadsToPublicCa(registrar, *tenant);
  MASA_ASSIGN_OR_RETURN(
      voucher::RevocationState revocation,
      voucher::CheckNotRevoked(registrar, request.artifact.evidence,
                               call.evidence, tools.verifier, now));
  voucher::MaybePrior prior = voucher::ReadPrior(request);
  return Heard{std::move(reception),
               std::move(request),
               std::move(prior),
               std::move(registrar),
               std::move(revocation),
               std::move(policies),
               tenant};
}

}  // namespace masa::issuance
