#include "services/issuance/serve_claims.h"

#include <optional>
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
  word.tenant_id = caller.tenant_id;
  const auto decide = [&](const std::optional<storage::OnceOrder>& order) {
    word.once = order;
    return tools_.claims.Decide(context, caller.name, tools_.clock.Now(), word);
  };
  // The same word again changes nothing, id or not.
  return MakeOnce<storage::Claim>(
      tools_.groups, context, caller, once,
      [&] { return decide(std::nullopt); },
      [&] { return decide(OrderOf(caller, once)); });
}

}  // namespace masa::issuance
