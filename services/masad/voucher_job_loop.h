// Runs voucher jobs, in every authority: one batch at a time on one thread with
// one database connection, so that jobs take no more of a replica than one
// caller would.
#ifndef SERVICES_MASAD_VOUCHER_JOB_LOOP_H_
#define SERVICES_MASAD_VOUCHER_JOB_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/issuance/run_voucher_jobs.h"
#include "services/telemetry/voucher_job_metrics.h"

namespace masa::masad {

class VoucherJobLoop {
 public:
  // Starts. Both outlive it.
  VoucherJobLoop(issuance::RunVoucherJobs& jobs,
                 telemetry::VoucherJobMetrics& metrics);
  // Begins no other batch, and does not wait for the one that runs.
  void Stop();
  // Stops, after the batch that runs; the job is given back.
  ~VoucherJobLoop();

 private:
  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait();
  bool IsStopping();
  // A turn for some job; false when none waits, or something failed.
  bool Turn();
  void ShowOpen();

  issuance::RunVoucherJobs& jobs_;
  telemetry::VoucherJobMetrics& metrics_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_VOUCHER_JOB_LOOP_H_
