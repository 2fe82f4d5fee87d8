// The suite of voucher jobs on PostgreSQL, and what retention leaves of them.
#include <pqxx/pqxx>

#include "storage/contract/on_shared_server.h"
#include "storage/contract/shared_server.h"
#include "storage/contract/voucher_job_contract.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/postgres_voucher_job_store.h"
#include "storage/postgres/retention.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// The first value that the statement finds.
int Count(ConnectionPool& pool, const std::string& statement) {
  int count = -1;
  const absl::Status status =
      RunTransaction(pool, {}, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       count = transaction.exec(statement)[0][0].as<int>();
                       return absl::OkStatus();
                     });
  EXPECT_TRUE(status.ok()) << status;
  return count;
}

class PostgresJobs final : public OnSharedServer<VoucherJobsUnderTest> {
 public:
  IssuanceLog& log() override { return *log_; }
  VoucherJobStore& jobs() override { return *jobs_; }
  int CountEvents(const std::string& kind) override {
    return Count(
        pool_, "SELECT count(*) FROM audit_events WHERE kind = '" + kind + "'");
  }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService)}};
  std::unique_ptr<IssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
  std::unique_ptr<VoucherJobStore> jobs_ = PostgresVoucherJobStore::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(Postgres, VoucherJobContract,
                         ::testing::Values(MakeVoucherJobs(
                             []() -> std::unique_ptr<VoucherJobsUnderTest> {
                               return OnEmptyServer<PostgresJobs>();
                             })));

// Who started it goes with the job and its outcomes; one that runs stays.
TEST(PostgresVoucherJobs, EndedJobsAreForgottenWithTheirBatches) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  const absl::Time old = absl::FromUnixSeconds(1700000000);
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  const auto jobs = PostgresVoucherJobStore::New(&pool);
  const auto start = [&](const std::string& tenant, char id, bool ended) {
    VoucherJob job;
    job.set_tenant_id(tenant);
    job.set_job_id(std::string(16, id));
    job.set_state(v1::VOUCHER_JOB_STATE_RUNNING);
    ASSERT_TRUE(jobs->StartJob({}, "t", old, job, {}).ok());
    for (int number = 0; number < 3; ++number) {
      const auto changed = jobs->ChangeJob(
          {}, "t", old, {tenant, job.job_id()},
          [&](const VoucherJob& stored) {
            VoucherJobChange change{stored, VoucherJobBatch{number, 0, 0, {}}};
            if (ended) {
              change.job.set_state(v1::VOUCHER_JOB_STATE_SUCCEEDED);
              change.job.set_ended_at(absl::ToUnixMicros(old));
            }
            return change;
          },
          {});
      ASSERT_TRUE(changed.ok()) << changed.status();
    }
  };
  start("a", '1', true);
  start("a", '2', false);
  start("b", '3', true);
  ConnectionPool forgetter(
      {.url = SharedServer().Url(PostgresServer::kMigrator),
       .role = kRetentionRole});
  const absl::Time now = old + absl::Hours(48);
  const auto forgotten =
      Forget(forgetter, {"a", now - absl::Hours(24), now}, 2);
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_FALSE(jobs->GetJob({}, {"a", std::string(16, '1')}).ok());
  EXPECT_TRUE(jobs->GetJob({}, {"a", std::string(16, '2')}).ok());
  EXPECT_TRUE(jobs->GetJob({}, {"b", std::string(16, '3')}).ok());
  EXPECT_EQ(Count(pool, "SELECT count(*) FROM voucher_job_batches"), 6);
}

}  // namespace
}  // namespace masa::storage
