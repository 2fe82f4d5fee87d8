// The suite of jobs' runs on PostgreSQL.
#include "storage/postgres/postgres_job_runs.h"

#include <pqxx/pqxx>

#include "storage/contract/job_runs_contract.h"
#include "storage/contract/on_shared_server.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public OnSharedServer<JobRunsUnderTest> {
 public:
  JobRuns& runs() override { return *runs_; }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService),
                        .max_connections = 4}};
  std::unique_ptr<JobRuns> runs_ = PostgresJobRuns::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(
    Postgres, JobRunsContract,
    ::testing::Values(MakeJobRuns([]() -> std::unique_ptr<JobRunsUnderTest> {
      return OnEmptyServer<PostgresUnderTest>();
    })));

// As the role of `masad retention`, which records its own runs.
TEST(JobRunsInPostgres, RetentionMayRecordAndNotDelete) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kMigrator),
                       .role = kRetentionRole});
  const auto runs = PostgresJobRuns::New(&pool);
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  const absl::Status recorded = runs->Record({}, kRetentionJob, now, true);
  EXPECT_TRUE(recorded.ok()) << recorded;
  const absl::Status deleted =
      RunTransaction(pool, {}, TransactionKind::kOneStatement,
                     [](pqxx::transaction_base& transaction) {
                       transaction.exec("DELETE FROM job_runs");
                       return absl::OkStatus();
                     });
  EXPECT_FALSE(deleted.ok());
  const std::vector<JobRun> expected = {{kRetentionJob, now}};
  EXPECT_EQ(*runs->List({}), expected);
}

}  // namespace
}  // namespace masa::storage
