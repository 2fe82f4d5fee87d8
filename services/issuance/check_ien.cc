#include "services/issuance/check_ien.h"

#include "absl/strings/str_cat.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

absl::Status CheckIen(Policies& policies, const RequestContext& context,
                      const std::string& tenant_id, const std::string& ien,
                      const std::string& field) {
  if (ien.empty()) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const auto snapshot, policies.Current(context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        snapshot->TenantNamed(tenant_id));
  return ien == absl::StrCat(tenant->iana_enterprise_number())
             ? absl::OkStatus()
             : AtField(Refuse(Reason::kIenNotServed,
                              "ien is not an enterprise number that is served "
                              "here"),
                       field);
}

}  // namespace masa::issuance
