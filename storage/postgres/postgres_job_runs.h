// How jobs ended last, in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_JOB_RUNS_H_
#define STORAGE_POSTGRES_POSTGRES_JOB_RUNS_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/job_runs.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresJobRuns final : public JobRuns {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresJobRuns> New(ConnectionPool* pool);

  absl::Status Record(const RequestContext& context, const std::string& job,
                      absl::Time at, bool succeeded) override;
  absl::StatusOr<std::vector<JobRun>> List(
      const RequestContext& context) override;

 private:
  explicit PostgresJobRuns(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_JOB_RUNS_H_
