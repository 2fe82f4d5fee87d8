#include "storage/memory/memory_job_runs.h"

#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::storage {

absl::Status MemoryJobRuns::Answers() const {
  return stopped_ ? Refuse(Reason::kStoreUnavailable, "the store is stopped")
                  : absl::OkStatus();
}

absl::Status MemoryJobRuns::Record(const RequestContext& context,
                                   const std::string& job, absl::Time at,
                                   bool succeeded) {
  absl::MutexLock lock(&mutex_);
  MASA_RETURN_IF_ERROR(Answers());
  JobRun& run = runs_.try_emplace(job, JobRun{job, at}).first->second;
  absl::Time& last = succeeded ? run.succeeded_at : run.failed_at;
  last = std::max(last, at);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<JobRun>> MemoryJobRuns::List(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  MASA_RETURN_IF_ERROR(Answers());
  std::vector<JobRun> found;
  for (const auto& [job, run] : runs_) {
    found.push_back(run);
  }
  return found;
}

void MemoryJobRuns::Stop(bool stopped) {
  absl::MutexLock lock(&mutex_);
  stopped_ = stopped;
}

}  // namespace masa::storage
