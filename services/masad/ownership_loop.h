// What happens to ownership without a call: histories are signed soon after
// their entries were written, and offers that nobody answered end. In every
// authority; the work is idempotent.
#ifndef SERVICES_MASAD_OWNERSHIP_LOOP_H_
#define SERVICES_MASAD_OWNERSHIP_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/issuance/serve_transfers.h"
#include "services/issuance/sign_histories.h"
#include "services/telemetry/metrics.h"

namespace masa::masad {

class OwnershipLoop {
 public:
  // Starts. All outlive it.
  OwnershipLoop(issuance::SignHistories& histories,
                issuance::ServeTransfers& transfers,
                telemetry::Metrics& metrics);
  // Stops, after the round that runs.
  ~OwnershipLoop();

 private:
  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait();
  // Signs and ends all that waits.
  void Round();

  issuance::SignHistories& histories_;
  issuance::ServeTransfers& transfers_;
  telemetry::Metrics& metrics_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_OWNERSHIP_LOOP_H_
