#include "storage/postgres/postgres_issued_vouchers.h"

#include "storage/contract/issued_vouchers_contract.h"
#include "storage/contract/on_shared_server.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/postgres_issuance_log.h"

namespace masa::storage {
namespace {

class PostgresIssued final : public OnSharedServer<IssuedVouchersUnderTest> {
 public:
  IssuanceLog& log() override { return *log_; }
  IssuedVouchers& issued() override { return *issued_; }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService)}};
  std::unique_ptr<IssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
  std::unique_ptr<IssuedVouchers> issued_ = PostgresIssuedVouchers::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(Postgres, IssuedVouchersContract,
                         ::testing::Values(MakeIssuedVouchers(
                             []() -> std::unique_ptr<IssuedVouchersUnderTest> {
                               return OnEmptyServer<PostgresIssued>();
                             })));

}  // namespace
}  // namespace masa::storage
