#include "services/issuance/operators_only.h"

#include "services/status/reason.h"

namespace masa::issuance {

absl::Status CheckIsOperator(const identity::Principal& caller) {
  return caller.role == identity::Role::kOperator
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "this call is for the manufacturer's operators");
}

}  // namespace masa::issuance
