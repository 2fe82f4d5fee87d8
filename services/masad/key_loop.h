// Looks once a minute which keys sign, and when their certificates end, in
// every authority.
#ifndef SERVICES_MASAD_KEY_LOOP_H_
#define SERVICES_MASAD_KEY_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/masad/use_cases.h"
#include "services/telemetry/key_expiries.h"
#include "services/telemetry/key_healths.h"
#include "services/telemetry/metrics.h"

namespace masa::masad {

class KeyLoop {
 public:
  // Starts. Both outlive it.
  KeyLoop(UseCases& use_cases, telemetry::Metrics& metrics);
  // Stops, after the round that runs.
  ~KeyLoop();

 private:
  void Run();
  // False when it could not read.
  bool Round();
  bool UpdateExpiries();
  bool UpdateHealths();

  UseCases& use_cases_;
  telemetry::KeyExpiries expiries_;  // of the loop's thread alone
  telemetry::KeyHealths healths_;    // likewise
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_KEY_LOOP_H_
