#include "services/issuance/operators_only.h"

#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::issuance {

absl::Status CheckIsOperator(const identity::Principal& caller) {
  return caller.role == identity::Role::kOperator
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "this call is for the manufacturer's operators");
}

absl::Status CheckNamesOrganization(const std::string& organization_id,
                                    const char* field) {
  return organization_id.empty()
             ? RefuseFields(Reason::kInvalidArgument,
                            {{field,
                              "is needed from an operator: say which "
                              "customer"}})
             : absl::OkStatus();
}

}  // namespace masa::issuance
