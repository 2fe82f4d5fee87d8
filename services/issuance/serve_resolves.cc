#include "services/issuance/serve_resolves.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/gathered_calls.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

constexpr size_t kMostItems = 1000;

}  // namespace

void ServeResolves::Resolve(std::vector<PendingResolve> calls) {
  calls = StillWaiting(std::move(calls), tools_.clock.Now());
  if (calls.empty()) {
    return;
  }
  std::vector<AskedOwnership> asked;
  for (const PendingResolve& call : calls) {
    asked.push_back({&call.caller, &call.question});
  }
  auto answers = ResolveOwnerships(tools_, SharedContext(calls), asked);
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].respond(std::move(answers[i]));
  }
}

absl::StatusOr<std::vector<absl::StatusOr<Ownership>>>
ServeResolves::ResolveAll(const RequestContext& context,
                          const identity::Principal& caller,
                          absl::Span<const OwnershipQuestion> questions) {
  if (questions.empty() || questions.size() > kMostItems) {
    return Refuse(Reason::kTooManyItems,
                  absl::StrCat("a call takes 1 to ", kMostItems, " items, not ",
                               questions.size()));
  }
  std::vector<AskedOwnership> asked;
  for (const OwnershipQuestion& question : questions) {
    asked.push_back({&caller, &question});
  }
  return ResolveOwnerships(tools_, context, asked);
}

}  // namespace masa::issuance
