#include "services/issuance/gathering_resolve_desk.h"

#include <utility>

#include "services/status/reason.h"

namespace masa::issuance {

GatheringResolveDesk::GatheringResolveDesk(ResolveDesk& desk,
                                           BatchExecutorOptions options)
    : desk_(desk),
      executor_(std::move(options), [this](std::vector<PendingResolve> calls) {
        desk_.Resolve(std::move(calls));
      }) {}

void GatheringResolveDesk::Resolve(std::vector<PendingResolve> calls) {
  for (PendingResolve& one : calls) {
    if (!executor_.TrySubmit(one)) {
      one.respond(Refuse(Reason::kOverloaded,
                         "too many questions are waiting; try again later"));
    }
  }
}

absl::StatusOr<std::vector<absl::StatusOr<Ownership>>>
GatheringResolveDesk::ResolveAll(
    const RequestContext& context, const identity::Principal& caller,
    absl::Span<const OwnershipQuestion> questions) {
  return desk_.ResolveAll(context, caller, questions);
}

}  // namespace masa::issuance
