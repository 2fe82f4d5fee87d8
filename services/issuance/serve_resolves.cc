#include "services/issuance/serve_resolves.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

constexpr size_t kMostItems = 1000;

// What a statement for all of them carries: it is worth its work while anybody
// waits for it.
RequestContext SharedContext(const std::vector<PendingResolve>& calls) {
  RequestContext shared = calls.front().context;
  for (const PendingResolve& call : calls) {
    shared.deadline = std::max(shared.deadline, call.context.deadline);
  }
  return shared;
}

// What waited past its deadline is refused; the others remain.
std::vector<PendingResolve> StillWaiting(std::vector<PendingResolve> calls,
                                         absl::Time now) {
  const bool all = std::all_of(calls.begin(), calls.end(),
                               [now](const PendingResolve& call) {
                                 return call.context.deadline > now;
                               });
  if (all) {
    return calls;  // nearly always
  }
  std::vector<PendingResolve> open;
  for (PendingResolve& call : calls) {
    if (call.context.deadline > now) {
      open.push_back(std::move(call));
    } else {
      call.respond(Refuse(Reason::kDeadlineExceeded,
                          "the call's deadline passed before it was begun"));
    }
  }
  return open;
}

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
