// Runs verifications of the audit log, in every authority: one step at a time
// on one thread with one database connection.
#ifndef SERVICES_MASAD_VERIFICATION_LOOP_H_
#define SERVICES_MASAD_VERIFICATION_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/issuance/run_verifications.h"

namespace masa::masad {

class VerificationLoop {
 public:
  // Starts. `verifications` outlives it.
  explicit VerificationLoop(issuance::RunVerifications& verifications);
  // Stops, after the step that runs; the verification is given back.
  ~VerificationLoop();

 private:
  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait();
  bool IsStopping();
  // A turn for some verification; false when none waits, or something failed.
  bool Turn();

  issuance::RunVerifications& verifications_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_VERIFICATION_LOOP_H_
