// The suite of issued certificates on PostgreSQL.
#include <pqxx/pqxx>

#include "storage/contract/certificate_contract.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_certificate_store.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_status_store.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public CertificatesUnderTest {
 public:
  CatalogStore& catalog() override { return *catalog_; }
  DeviceStore& devices() override { return *devices_; }
  CertificateStore& certificates() override { return *certificates_; }
  StatusStore& statuses() override { return *statuses_; }
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
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService),
                        .max_connections = 4}};
  std::unique_ptr<CatalogStore> catalog_ = PostgresCatalogStore::New(&pool_);
  std::unique_ptr<DeviceStore> devices_ = PostgresDeviceStore::New(&pool_);
  std::unique_ptr<CertificateStore> certificates_ =
      PostgresCertificateStore::New(&pool_);
  std::unique_ptr<StatusStore> statuses_ = PostgresStatusStore::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(Postgres, CertificateContract,
                         ::testing::Values(MakeCertificates(
                             []() -> std::unique_ptr<CertificatesUnderTest> {
                               const absl::Status emptied =
                                   SharedServer().Empty();
                               if (!emptied.ok()) {
                                 ADD_FAILURE() << emptied;
                                 return nullptr;
                               }
                               return std::make_unique<PostgresUnderTest>();
                             })));

}  // namespace
}  // namespace masa::storage
