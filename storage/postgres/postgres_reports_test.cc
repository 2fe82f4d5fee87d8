// The suite of devices' reports on PostgreSQL.
#include <pqxx/pqxx>

#include "storage/contract/on_shared_server.h"
#include "storage/contract/report_contract.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/postgres_report_store.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public OnSharedServer<ReportsUnderTest> {
 public:
  ReportStore& reports() override { return *reports_; }
  int CountEvents(const std::string& kind) override {
    int count = -1;
    const absl::Status status =
        RunTransaction(pool_, {}, TransactionKind::kOneStatement,
                       [&](pqxx::transaction_base& transaction) {
                         count = transaction
                                     .exec_params(
                                         "SELECT count(*) FROM audit_events "
                                         "WHERE kind = $1",
                                         kind)[0][0]
                                     .as<int>();
                         return absl::OkStatus();
                       });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService),
                        .max_connections = 4}};
  std::unique_ptr<ReportStore> reports_ = PostgresReportStore::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(
    Postgres, ReportContract,
    ::testing::Values(MakeReports([]() -> std::unique_ptr<ReportsUnderTest> {
      return OnEmptyServer<PostgresUnderTest>();
    })));

}  // namespace
}  // namespace masa::storage
