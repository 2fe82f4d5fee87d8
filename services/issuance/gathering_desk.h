// A desk before the desk that gathers: calls that come while others are on
// their way go on together, so that they share statements, commits and turns of
// the key. Never blocks where a voucher is asked for: beyond its bound it says
// no at once.
#ifndef SERVICES_ISSUANCE_GATHERING_DESK_H_
#define SERVICES_ISSUANCE_GATHERING_DESK_H_

#include <vector>

#include "services/executor/batch_executor.h"
#include "services/issuance/registrar_desk.h"

namespace masa::issuance {

class GatheringDesk final : public RegistrarDesk {
 public:
  // `desk` outlives this.
  GatheringDesk(RegistrarDesk& desk, BatchExecutorOptions options);

  // kOverloaded for a call that the queue has no place for.
  void RequestVouchers(std::vector<PendingCall> calls) override;

  // Passed on as it is, so it blocks.
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override;

 private:
  RegistrarDesk& desk_;
  BatchExecutor<PendingCall> executor_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERING_DESK_H_
