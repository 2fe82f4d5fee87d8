// How the jobs that a timer runs beside the service ended last, so that one
// that fails, or is not run any more, is noticed by who watches the service.
// Thread-safe; blocks. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_JOB_RUNS_H_
#define STORAGE_JOB_RUNS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"

namespace masa::storage {

// Names of jobs, as they are recorded and as a metric's label `name` has them.
inline constexpr char kRetentionJob[] = "retention";
inline constexpr char kVerifyAuditJob[] = "verify-audit";
inline constexpr char kVerifyBackupJob[] = "verify-backup";
inline constexpr char kEscrowExportJob[] = "escrow-export";

struct JobRun {
  std::string job;
  // When it last did what it is for; while it never did, since when that is
  // waited for.
  absl::Time succeeded_at;
  absl::Time failed_at = absl::InfinitePast();  // it never did

  bool operator==(const JobRun&) const = default;
};

class JobRuns {
 public:
  virtual ~JobRuns() = default;

  // Durable on return. What is older than what is on record changes nothing.
  virtual absl::Status Record(const RequestContext& context,
                              const std::string& job, absl::Time at,
                              bool succeeded) = 0;

  // Every job that is on record, by name.
  virtual absl::StatusOr<std::vector<JobRun>> List(
      const RequestContext& context) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_JOB_RUNS_H_
