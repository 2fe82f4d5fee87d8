#include <pqxx/pqxx>

#include "gtest/gtest.h"
#include "storage/contract/audit_log_contract.h"
#include "storage/contract/on_shared_server.h"
#include "storage/contract/shared_server.h"
#include "storage/contract/store_contract.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_audit_log.h"
#include "storage/postgres/postgres_audit_sequence.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_claim_store.h"
#include "storage/postgres/postgres_device_registry.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_feed_store.h"
#include "storage/postgres/postgres_group_store.h"
#include "storage/postgres/postgres_history_store.h"
#include "storage/postgres/postgres_import_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/postgres_key_store.h"
#include "storage/postgres/postgres_owned_devices.h"
#include "storage/postgres/postgres_standing_store.h"
#include "storage/postgres/postgres_transfer_store.h"
#include "storage/postgres/retention.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public OnSharedServer<LoggedStoresUnderTest> {
 public:
  PostgresUnderTest()
      : pool_({.url = SharedServer().Url(PostgresServer::kService),
               .max_connections = 4}) {}

  CatalogStore& catalog() override { return *catalog_; }
  DeviceStore& devices() override { return *devices_; }
  IssuanceLog& log() override { return *log_; }
  ClaimStore& claims() override { return *claims_; }
  OwnedDevices& owned() override { return *owned_; }
  GroupStore& groups() override { return *groups_; }
  DeviceRegistry& registry() override { return *registry_; }
  ImportStore& imports() override { return *imports_; }
  HistoryStore& histories() override { return *histories_; }
  TransferStore& transfers() override { return *transfers_; }
  FeedStore& feed() override { return *feed_; }
  void ForgetFeed() override {
    ConnectionPool forgetter(
        {.url = SharedServer().Url(PostgresServer::kMigrator),
         .role = kRetentionRole});
    const absl::Time end = absl::FromUnixSeconds(2000000000);
    const auto forgotten =
        Forget(forgetter, {"a", absl::UnixEpoch(), absl::UnixEpoch(), end});
    ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  }
  AuditLog& audit_log() override { return *audit_log_; }
  AuditSequence& sequence() override { return *sequence_; }
  StandingStore& standings() override { return *standings_; }
  KeyStore& keys() override { return *keys_; }
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

 private:
  ConnectionPool pool_;
  std::unique_ptr<CatalogStore> catalog_ = PostgresCatalogStore::New(&pool_);
  std::unique_ptr<AuditLog> audit_log_ = PostgresAuditLog::New(&pool_);
  std::unique_ptr<AuditSequence> sequence_ = PostgresAuditSequence::New(&pool_);
  std::unique_ptr<FeedStore> feed_ = PostgresFeedStore::New(&pool_);
  std::unique_ptr<DeviceStore> devices_ = PostgresDeviceStore::New(&pool_);
  std::unique_ptr<IssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
  std::unique_ptr<ClaimStore> claims_ = PostgresClaimStore::New(&pool_);
  std::unique_ptr<OwnedDevices> owned_ = PostgresOwnedDevices::New(&pool_);
  std::unique_ptr<GroupStore> groups_ = PostgresGroupStore::New(&pool_);
  std::unique_ptr<DeviceRegistry> registry_ =
      PostgresDeviceRegistry::New(&pool_);
  std::unique_ptr<ImportStore> imports_ = PostgresImportStore::New(&pool_);
  std::unique_ptr<HistoryStore> histories_ = PostgresHistoryStore::New(&pool_);
  std::unique_ptr<TransferStore> transfers_ =
      PostgresTransferStore::New(&pool_);
  std::unique_ptr<KeyStore> keys_ = PostgresKeyStore::New(&pool_);
  std::unique_ptr<StandingStore> standings_ =
      PostgresStandingStore::New(&pool_);
};

std::unique_ptr<StoresUnderTest> MakeEmpty() {
  return OnEmptyServer<PostgresUnderTest>();
}

MASA_INSTANTIATE_STORE_CONTRACT(Postgres, MakeEmpty);
MASA_INSTANTIATE_AUDIT_LOG_CONTRACT(Postgres, MakeEmpty);

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
       {"UPDATE audit_events SET actor = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "DROP TABLE audit_events",
        "DELETE FROM vouchers",
        "UPDATE vouchers SET voucher = ''",
        "UPDATE audit_checkpoints SET note = ''",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_tiles",
        "DELETE FROM audit_heads",
        "DELETE FROM audit_places",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_outbox SET commitments = ''",
        "UPDATE ownership_entries SET kind = 1",
        "DELETE FROM ownership_feed",
        "UPDATE ownership_feed SET changes = ''",
        "DELETE FROM ownership_feed_heads",
        "DELETE FROM ownership_entries",
        "DELETE FROM ownership_batches",
        "UPDATE ownership_batches SET leaves = ''",
        "INSERT INTO schema_version VALUES (99, now())"}) {
    const std::string message(AsService(refused).message());
    EXPECT_TRUE(message.find("permission denied") != std::string::npos ||
                message.find("must be owner") != std::string::npos)
        << refused << ": " << message;
  }
  EXPECT_TRUE(AsService("SELECT count(*) FROM audit_events").ok());
}

// The rows of `statement` as one text.
std::string Dump(const std::string& statement) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  std::string dump;
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        dump.clear();
        for (const pqxx::row& row : transaction.exec(statement)) {
          dump += row[0].as<std::string>() + "\n";
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return dump;
}

// SE-10: whoever steals the log learns of keys and ids; whose they are stands
// in another table, that can be kept elsewhere.
TEST_P(IssuanceContract, TheLogHoldsNoCustomersName) {
  constexpr char kName[] = "Blue Harbour Hospital";
  masa::v1::Catalog named;
  *named.add_organizations() = catalog_.organizations(0);
  named.mutable_organizations(0)->set_display_name(kName);
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, named).ok());
  Device device = MakeDevice("a", "S1");
  device.organization_id = "o";
  ImportOne(device);
  ASSERT_TRUE(log().Commit(context_, {MakeVoucher(device, '1')})[0].ok());
  const std::string log = Dump("SELECT e::text FROM audit_events e") +
                          Dump("SELECT v::text FROM vouchers v") +
                          Dump("SELECT c::text FROM registrar_claims c");
  ASSERT_NE(log.find("voucher"), std::string::npos);
  EXPECT_EQ(log.find(kName), std::string::npos) << log;
  EXPECT_NE(Dump("SELECT display_name FROM organizations").find(kName),
            std::string::npos);
}

// AL-26: no column holds a registrar's or device's network address, and what
// may name a person or a customer is this and no more (see retention_test).
TEST(PostgresSchema, HoldsNoAddressesAndFewNames) {
  EXPECT_EQ(
      Dump("SELECT table_name || '.' || column_name "
           "FROM information_schema.columns "
           "WHERE table_schema = 'public' AND (data_type IN ('inet', "
           "'cidr') OR column_name ~ '(^|_)(ip|address|host|peer)(_|$)')"),
      "");
  EXPECT_EQ(Dump("SELECT table_name || '.' || column_name "
                 "FROM information_schema.columns "
                 "WHERE table_schema = 'public' "
                 "AND column_name ~ 'name|note|actor|mac|label|organization|"
                 "definition' ORDER BY 1"),
            "access_bindings.account_organization_id\n"
            "access_bindings.organization_id\naccess_bindings.username\n"
            "audit_checkpoints.note\naudit_events.actor\n"
            "audit_lease.name\nblocked_domains.note\nchanges.actor\n"
            "delegations.organization_id\ndevices.labels\n"
            "devices.mac_addr\ndevices.organization_id\n"
            "domain_certs.organization_id\ngroups.organization_id\n"
            "onboardings.organization_id\n"
            "organizations.definition\n"
            "organizations.display_name\norganizations.organization_id\n"
            "ownership_entries.from_organization_id\n"
            "ownership_entries.to_organization_id\n"
            "products.definition\nrefused_claims.organization_id\n"
            "request_results.actor\ntenants."
            "definition\ntransfers.from_organization_id\n"
            "transfers.to_organization_id\nvoucher_jobs.organization_id\n"
            "vouchers.actor\n");
}

}  // namespace
}  // namespace masa::storage
