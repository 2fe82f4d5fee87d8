#include "services/issuance/gathering_desk.h"

#include <utility>

#include "services/status/reason.h"

namespace masa::issuance {

GatheringDesk::GatheringDesk(RegistrarDesk& desk, BatchExecutorOptions options)
    : desk_(desk),
      executor_(std::move(options), [this](std::vector<PendingCall> calls) {
        desk_.RequestVouchers(std::move(calls));
      }) {}

void GatheringDesk::RequestVouchers(std::vector<PendingCall> calls) {
  for (PendingCall& one : calls) {
    if (!executor_.TrySubmit(one)) {
      one.respond(Refuse(Reason::kOverloaded,
                         "too many requests are waiting; try again later"));
    }
  }
}

absl::StatusOr<RegistrarAnswer> GatheringDesk::RequestAuditLog(
    const RegistrarCall& call) {
  return desk_.RequestAuditLog(call);
}

}  // namespace masa::issuance
