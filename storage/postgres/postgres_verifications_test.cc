// The suite of verifications on PostgreSQL, and what retention leaves of them.
#include <pqxx/pqxx>

#include "storage/contract/shared_server.h"
#include "storage/contract/verification_contract.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_verification_store.h"
#include "storage/postgres/retention.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class InPostgres final : public VerificationsUnderTest {
 public:
  VerificationStore& store() override { return *store_; }
  int CountEvents(const std::string& kind) override {
    int count = -1;
    const absl::Status status = RunTransaction(
        pool_, {}, TransactionKind::kOneStatement,
        [&](pqxx::transaction_base& transaction) {
          count = transaction
                      .exec_params1(
                          "SELECT count(*) FROM audit_events e JOIN changes c "
                          "USING (change_id) WHERE e.tenant_id = 'a' "
                          "AND e.kind = $1 AND c.actor = 'op'",
                          kind)[0]
                      .as<int>();
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService)}};
  std::unique_ptr<VerificationStore> store_ =
      PostgresVerificationStore::New(&pool_);
};

INSTANTIATE_TEST_SUITE_P(Postgres, VerificationContract,
                         ::testing::Values(MakeVerifications(
                             []() -> std::unique_ptr<VerificationsUnderTest> {
                               const absl::Status emptied =
                                   SharedServer().Empty();
                               if (!emptied.ok()) {
                                 ADD_FAILURE() << emptied;
                                 return nullptr;
                               }
                               return std::make_unique<InPostgres>();
                             })));

// Who started it goes with it; one that runs stays.
TEST(PostgresVerifications, EndedOnesAreForgotten) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  const absl::Time old = absl::FromUnixSeconds(1700000000);
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  const auto store = PostgresVerificationStore::New(&pool);
  const auto start = [&](const std::string& tenant, char id, bool ended) {
    AuditVerification one;
    one.set_tenant_id(tenant);
    one.set_verification_id(std::string(16, id));
    ASSERT_TRUE(store->StartVerification({}, old, one, {}).ok());
    const auto changed = store->ChangeVerification(
        {}, "t", old, {tenant, one.verification_id()},
        [&](const AuditVerification& stored) {
          VerificationChange change{stored};
          if (ended) {
            change.verification.set_state(v1::AUDIT_VERIFICATION_STATE_ENDED);
            change.verification.set_ended_at(absl::ToUnixMicros(old));
          }
          return change;
        });
    ASSERT_TRUE(changed.ok()) << changed.status();
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
  EXPECT_FALSE(store->GetVerification({}, {"a", std::string(16, '1')}).ok());
  EXPECT_TRUE(store->GetVerification({}, {"a", std::string(16, '2')}).ok());
  EXPECT_TRUE(store->GetVerification({}, {"b", std::string(16, '3')}).ok());
}

}  // namespace
}  // namespace masa::storage
