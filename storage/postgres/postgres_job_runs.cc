#include "storage/postgres/postgres_job_runs.h"

#include "services/status/macros.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kSucceeded = {
    "job_succeeded",
    "INSERT INTO job_runs AS r (job, succeeded_at) "
    "VALUES ($1, $2::timestamptz) ON CONFLICT (job) DO UPDATE SET "
    "succeeded_at = greatest(r.succeeded_at, excluded.succeeded_at)"};

constexpr Statement kFailed = {
    "job_failed",
    "INSERT INTO job_runs AS r (job, succeeded_at, failed_at) "
    "VALUES ($1, $2::timestamptz, $2::timestamptz) ON CONFLICT (job) DO UPDATE "
    "SET failed_at = greatest(coalesce(r.failed_at, excluded.failed_at), "
    "excluded.failed_at)"};

constexpr Statement kList = {
    "list_job_runs",
    "SELECT job, (extract(epoch FROM succeeded_at) * 1000000)::bigint, "
    "(extract(epoch FROM failed_at) * 1000000)::bigint "
    "FROM job_runs ORDER BY job"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

JobRun ReadRun(const pqxx::row& row) {
  JobRun run{row[0].as<std::string>(),
             absl::FromUnixMicros(row[1].as<int64_t>())};
  if (!row[2].is_null()) {
    run.failed_at = absl::FromUnixMicros(row[2].as<int64_t>());
  }
  return run;
}

}  // namespace

std::unique_ptr<PostgresJobRuns> PostgresJobRuns::New(ConnectionPool* pool) {
  return std::unique_ptr<PostgresJobRuns>(new PostgresJobRuns(pool));
}

absl::Status PostgresJobRuns::Record(const RequestContext& context,
                                     const std::string& job, absl::Time at,
                                     bool succeeded) {
  return RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                        [&](pqxx::transaction_base& transaction) {
                          Execute(transaction, succeeded ? kSucceeded : kFailed,
                                  job, TimeText(at));
                          return absl::OkStatus();
                        });
}

absl::StatusOr<std::vector<JobRun>> PostgresJobRuns::List(
    const RequestContext& context) {
  std::vector<JobRun> found;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        found.clear();
        for (const pqxx::row& row : Execute(transaction, kList)) {
          found.push_back(ReadRun(row));
        }
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace masa::storage
