#include "services/issuance/gathering_voucher_desk.h"

#include <utility>

#include "services/status/reason.h"

namespace masa::issuance {

GatheringVoucherDesk::GatheringVoucherDesk(VoucherDesk& desk,
                                           BatchExecutorOptions options)
    : desk_(desk),
      executor_(std::move(options), [this](std::vector<PendingOrder> calls) {
        desk_.Issue(std::move(calls));
      }) {}

void GatheringVoucherDesk::Issue(std::vector<PendingOrder> calls) {
  for (PendingOrder& one : calls) {
    if (!executor_.TrySubmit(one)) {
      one.respond(Refuse(Reason::kOverloaded,
                         "too many orders are waiting; try again later"));
    }
  }
}

}  // namespace masa::issuance
