// Signs OCSP responses ahead, in every authority: one batch at a time on one
// thread with one database connection, so that it takes no more of a replica
// and its keys than one caller would.
#ifndef SERVICES_MASAD_STATUS_LOOP_H_
#define SERVICES_MASAD_STATUS_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/issuance/sign_statuses.h"
#include "services/telemetry/status_metrics.h"

namespace masa::masad {

class StatusLoop {
 public:
  // Starts. Both outlive it.
  StatusLoop(issuance::SignStatuses& statuses,
             telemetry::StatusMetrics& metrics);
  // Stops, after the batch that runs.
  ~StatusLoop();

 private:
  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait();
  bool IsStopping();
  // Whether more wait that can be signed now.
  bool Turn();

  issuance::SignStatuses& statuses_;
  telemetry::StatusMetrics& metrics_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_STATUS_LOOP_H_
