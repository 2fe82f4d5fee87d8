#include "services/issuance/gathering_pledge_desk.h"

#include <utility>

#include "services/status/reason.h"

namespace masa::issuance {

GatheringPledgeDesk::GatheringPledgeDesk(PledgeDesk& desk,
                                         BatchExecutorOptions options)
    : desk_(desk),
      executor_(std::move(options), [this](std::vector<PendingPledge> calls) {
        desk_.Ask(std::move(calls));
      }) {}

void GatheringPledgeDesk::Ask(std::vector<PendingPledge> calls) {
  for (PendingPledge& one : calls) {
    if (!executor_.TrySubmit(one)) {
      one.respond(Refuse(Reason::kOverloaded,
                         "too many requests are waiting; try again later"));
    }
  }
}

}  // namespace masa::issuance
