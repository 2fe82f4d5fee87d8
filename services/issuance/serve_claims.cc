#include "services/issuance/serve_claims.h"

#include <utility>

#include "services/issuance/operators_only.h"
#include "services/issuance/repeats.h"
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
    storage::ClaimWord word, const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(const bool repeat,
                        IsRepeat(tools_.groups, context, caller, once));
  word.tenant_id = caller.tenant_id;
  if (!repeat) {
    // The same word again changes nothing, id or not.
    word.once = OrderOf(caller, once);
  }
  return tools_.claims.Decide(context, caller.name, tools_.clock.Now(), word);
}

}  // namespace masa::issuance
