#include "services/issuance/serve_claims.h"

#include <utility>

#include "services/issuance/operators_only.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

constexpr int kMostListed = 1000;

}  // namespace

absl::StatusOr<std::vector<storage::Claim>> ServeClaims::ListClaims(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return tools_.claims.ListWaiting(context, caller.tenant_id, kMostListed);
}

absl::StatusOr<storage::Claim> ServeClaims::DecideClaim(
    const RequestContext& context, const identity::Principal& caller,
    storage::ClaimWord word) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  word.tenant_id = caller.tenant_id;
  return tools_.claims.Decide(context, caller.name, tools_.clock.Now(), word);
}

}  // namespace masa::issuance
