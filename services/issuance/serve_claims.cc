#include "services/issuance/serve_claims.h"

#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

constexpr int kMostListed = 1000;

absl::Status CheckMayDecide(const identity::Principal& caller) {
  return caller.role == identity::Role::kOperator
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "this call is for the manufacturer's operators");
}

}  // namespace

absl::StatusOr<std::vector<storage::Claim>> ServeClaims::ListClaims(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(CheckMayDecide(caller));
  return tools_.claims.ListWaiting(context, caller.tenant_id, kMostListed);
}

absl::StatusOr<storage::Claim> ServeClaims::DecideClaim(
    const RequestContext& context, const identity::Principal& caller,
    storage::ClaimWord word) {
  MASA_RETURN_IF_ERROR(CheckMayDecide(caller));
  word.tenant_id = caller.tenant_id;
  return tools_.claims.Decide(context, caller.name, tools_.clock.Now(), word);
}

}  // namespace masa::issuance
