// A desk before the desk of pledges: calls that come while others are on their
// way go on together, so that they share statements, commits and turns of the
// key. Never blocks: beyond its bound it says no at once.
#ifndef SERVICES_ISSUANCE_GATHERING_PLEDGE_DESK_H_
#define SERVICES_ISSUANCE_GATHERING_PLEDGE_DESK_H_

#include <vector>

#include "services/executor/batch_executor.h"
#include "services/issuance/pledge_desk.h"

namespace masa::issuance {

class GatheringPledgeDesk final : public PledgeDesk {
 public:
  // `desk` outlives this.
  GatheringPledgeDesk(PledgeDesk& desk, BatchExecutorOptions options);

  // kOverloaded for a call that the queue has no place for.
  void Ask(std::vector<PendingPledge> calls) override;

 private:
  PledgeDesk& desk_;
  BatchExecutor<PendingPledge> executor_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERING_PLEDGE_DESK_H_
