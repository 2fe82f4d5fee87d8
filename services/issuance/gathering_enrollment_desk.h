// A desk before the desk that enrols: calls that come while others are on their
// way go on together, so that they share statements, commits and turns of the
// key. Never blocks: beyond its bound it says no at once.
#ifndef SERVICES_ISSUANCE_GATHERING_ENROLLMENT_DESK_H_
#define SERVICES_ISSUANCE_GATHERING_ENROLLMENT_DESK_H_

#include <vector>

#include "services/executor/batch_executor.h"
#include "services/issuance/enrollment_desk.h"

namespace masa::issuance {

class GatheringEnrollmentDesk final : public EnrollmentDesk {
 public:
  // `desk` outlives this.
  GatheringEnrollmentDesk(EnrollmentDesk& desk, BatchExecutorOptions options);

  // kOverloaded for a call that the queue has no place for.
  void Ask(std::vector<PendingEst> calls) override;

 private:
  EnrollmentDesk& desk_;
  BatchExecutor<PendingEst> executor_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERING_ENROLLMENT_DESK_H_
