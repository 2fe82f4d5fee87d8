// How jobs ended last, in memory: same answers as PostgreSQL
// (storage/contract), and a hook to fail. Thread-safe.
#ifndef STORAGE_MEMORY_MEMORY_JOB_RUNS_H_
#define STORAGE_MEMORY_MEMORY_JOB_RUNS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/job_runs.h"

namespace masa::storage {

class MemoryJobRuns final : public JobRuns {
 public:
  absl::Status Record(const RequestContext& context, const std::string& job,
                      absl::Time at, bool succeeded) override;
  absl::StatusOr<std::vector<JobRun>> List(
      const RequestContext& context) override;

  // While stopped, nothing is read or written.
  void Stop(bool stopped);

 private:
  absl::Status Answers() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, JobRun> runs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_JOB_RUNS_H_
