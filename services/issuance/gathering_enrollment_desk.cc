#include "services/issuance/gathering_enrollment_desk.h"

#include <utility>

#include "services/status/reason.h"

namespace masa::issuance {

GatheringEnrollmentDesk::GatheringEnrollmentDesk(EnrollmentDesk& desk,
                                                 BatchExecutorOptions options)
    : desk_(desk),
      executor_(std::move(options), [this](std::vector<PendingEst> calls) {
        desk_.Ask(std::move(calls));
      }) {}

void GatheringEnrollmentDesk::Ask(std::vector<PendingEst> calls) {
  for (PendingEst& one : calls) {
    if (!executor_.TrySubmit(one)) {
      one.respond(Refuse(Reason::kOverloaded,
                         "too many requests are waiting; try again later"));
    }
  }
}

}  // namespace masa::issuance
