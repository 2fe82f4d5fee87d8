#include <pqxx/pqxx>

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/contract/store_contract.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public StoresUnderTest {
 public:
  PostgresUnderTest()
      : pool_({.url = SharedServer().Url(PostgresServer::kService),
               .max_connections = 4}) {}

  CatalogStore& catalog() override { return *catalog_; }
  DeviceStore& devices() override { return *devices_; }
  IssuanceLog& log() override { return *log_; }
  std::vector<std::string> EventKinds() override {
    std::vector<std::string> kinds;
    const absl::Status status = RunTransaction(
        pool_, {}, TransactionKind::kOneStatement,
        [&kinds](pqxx::transaction_base& transaction) {
          kinds.clear();
          for (const pqxx::row& row : transaction.exec("SELECT kind FROM "
                                                       "audit_events")) {
            kinds.push_back(row[0].as<std::string>());
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return kinds;
  }
  bool Stop() override {
    if (SharedServer().IsOurs()) {
      SharedServer().Stop();
    }
    return SharedServer().IsOurs();
  }
  void Restart() override {
    const absl::Status status = SharedServer().Restart();
    ASSERT_TRUE(status.ok()) << status;
  }

 private:
  ConnectionPool pool_;
  std::unique_ptr<CatalogStore> catalog_ = PostgresCatalogStore::New(&pool_);
  std::unique_ptr<DeviceStore> devices_ = PostgresDeviceStore::New(&pool_);
  std::unique_ptr<IssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
};

MASA_INSTANTIATE_STORE_CONTRACT(Postgres,
                                []() -> std::unique_ptr<StoresUnderTest> {
                                  const absl::Status emptied =
                                      SharedServer().Empty();
                                  if (!emptied.ok()) {
                                    ADD_FAILURE() << emptied;
                                    return nullptr;
                                  }
                                  return std::make_unique<PostgresUnderTest>();
                                });

// Runs one statement as the service.
absl::Status AsService(const std::string& statement) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  return RunTransaction(pool, {}, TransactionKind::kManyStatements,
                        [&statement](pqxx::transaction_base& transaction) {
                          transaction.exec("SET LOCAL ROLE masa_service");
                          transaction.exec(statement);
                          return absl::OkStatus();
                        });
}

// AL-23: the service's role can add to the audit log and read it, no more.
TEST(PostgresGrants, ServiceCannotChangeAuditEvents) {
  for (const char* refused :
       {"UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events",
        "TRUNCATE audit_events", "DROP TABLE audit_events",
        "DELETE FROM vouchers", "UPDATE vouchers SET voucher = ''",
        "INSERT INTO schema_version VALUES (99, now())"}) {
    const std::string message(AsService(refused).message());
    EXPECT_TRUE(message.find("permission denied") != std::string::npos ||
                message.find("must be owner") != std::string::npos)
        << refused << ": " << message;
  }
  EXPECT_TRUE(AsService("SELECT count(*) FROM audit_events").ok());
}

}  // namespace
}  // namespace masa::storage
