// What is personal is known column by column, and goes in time; what the audit
// log of RFC 8995 shows stays (SE-08, AL-26).
#include "storage/postgres/retention.h"

#include <fstream>
#include <map>
#include <pqxx/pqxx>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "storage/audit_event.h"
#include "storage/contract/shared_server.h"
#include "storage/contract/store_contract.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_audit_log.h"
#include "storage/postgres/postgres_audit_sequence.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_import_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr char kPage[] = "storage/PERSONAL_DATA.md";

// Runs one statement as `role`, and returns the first column's values.
absl::StatusOr<std::vector<std::string>> As(const std::string& role,
                                            const std::string& statement) {
  ConnectionPool pool(
      {.url = SharedServer().Url(PostgresServer::kMigrator), .role = role});
  std::vector<std::string> values;
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        values.clear();
        for (const pqxx::row& row : transaction.exec(statement)) {
          values.push_back(row[0].is_null() ? "" : row[0].as<std::string>());
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return status;
  }
  return values;
}

// table.column -> how long it is kept, as the page says.
std::map<std::string, std::string> ReadPage() {
  std::map<std::string, std::string> kept;
  std::ifstream page(kPage);
  const std::set<std::string> kinds = {"personal", "pseudonym", "none"};
  for (std::string line; std::getline(page, line);) {
    std::vector<std::string> cells = absl::StrSplit(line, " | ");
    if (cells.size() != 5 || cells[0] == "| table") {
      continue;
    }
    EXPECT_TRUE(kinds.contains(cells[3])) << line;
    const std::string table(absl::StripPrefix(cells[0], "| "));
    const std::vector<std::string> columns = absl::StrSplit(cells[1], ", ");
    for (const std::string& column : columns) {
      EXPECT_TRUE(kept.emplace(absl::StrCat(table, ".", column),
                               absl::StripSuffix(cells[4], " |"))
                      .second)
          << column << " stands there twice";
    }
  }
  return kept;
}

// SE-08: a column that nobody has classified fails here.
TEST(PersonalData, EveryColumnOfTheSchemaIsClassified) {
  const auto columns =
      As("",
         "SELECT table_name || '.' || column_name "
         "FROM information_schema.columns WHERE table_schema = 'public'");
  ASSERT_TRUE(columns.ok()) << columns.status();
  std::map<std::string, std::string> page = ReadPage();
  EXPECT_GT(page.size(), 60u);
  for (const std::string& column : *columns) {
    EXPECT_EQ(page.erase(column), 1u) << column << " is not in " << kPage;
  }
  for (const auto& [column, kept] : page) {
    ADD_FAILURE() << column << " is in " << kPage << " and not in the schema";
  }
}

class Retention : public ::testing::Test {
 protected:
  Retention()
      : pool_({.url = SharedServer().Url(PostgresServer::kService)}),
        forgetter_({.url = SharedServer().Url(PostgresServer::kMigrator),
                    .role = kRetentionRole}) {
    EXPECT_TRUE(SharedServer().Empty().ok());
    for (const char* tenant : {"a", "b"}) {
      catalog_.add_tenants()->set_tenant_id(tenant);
      auto* product = catalog_.add_products();
      product->set_tenant_id(tenant);
      product->set_product_id("p");
    }
    EXPECT_TRUE(PostgresCatalogStore::New(&pool_)
                    ->Apply({"FORGET-catalog", "", absl::InfiniteFuture()},
                            "FORGET-applier", kOld, catalog_)
                    .ok());
  }

  // A device imported, and a voucher for it, at `at`.
  IssuedVoucher Plant(const std::string& tenant, const std::string& serial,
                      absl::Time at, const std::string& mark) {
    Device device;
    device.tenant_id = tenant;
    device.serial_number = serial;
    device.product_id = "p";
    device.bucket = BucketOf(tenant, serial);
    device.device_id = DeviceIdOf(tenant, serial, std::nullopt);
    EXPECT_TRUE(PostgresDeviceStore::New(&pool_)
                    ->Import({mark + "-import", "", absl::InfiniteFuture()},
                             mark + "-operator", at, {device},
                             OnConflict::kFail)
                    .at(0)
                    .ok());
    IssuedVoucher voucher;
    voucher.created_on = at;
    voucher.voucher_id = NewEventId(at);
    voucher.audit_event_id = NewEventId(at);
    voucher.tenant_id = tenant;
    voucher.device_id = device.device_id;
    voucher.bucket = device.bucket;
    voucher.request_digest = std::string(32, 'q');
    voucher.format = masa::v1::FORMAT_CMS_JSON;
    voucher.voucher = mark + "-octets";
    voucher.assertion = masa::v1::ASSERTION_LOGGED;
    voucher.nonce = "nonce";
    voucher.domain_id = std::string(20, 'd');
    voucher.pinned_spki_sha256 = std::string(32, 's');
    voucher.signing_key = "key";
    voucher.actor = mark + "-registrar";
    voucher.request_id = mark + "-request";
    voucher.registrar_spki_sha256 = std::string(32, 'r');
    voucher.claim_window = at;
    return voucher;
  }

  void Commit(const IssuedVoucher& voucher) {
    const auto done = log_->Commit({}, {voucher}).at(0);
    ASSERT_TRUE(done.ok()) << done.status();
  }

  Forgotten Run(const std::string& tenant) {
    const auto done =
        Forget(forgetter_, {tenant, kNow - absl::Hours(24), kNow}, 2);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(Forgotten{});
  }

  IssuedVoucher Read(const IssuedVoucher& planted) {
    const auto listed =
        log_->ListForDevice({}, planted.bucket, planted.device_id, 9);
    EXPECT_TRUE(listed.ok() && listed->size() == 1) << listed.status();
    return listed->front();
  }

  // Every row of every table, as text.
  static std::string Dump() {
    const auto tables =
        As("", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    std::string dump;
    for (const std::string& table : *tables) {
      const auto rows = As("", absl::StrCat("SELECT t::text || ' ' || "
                                            "coalesce((to_json(t)->>"
                                            "'voucher'), '') FROM ",
                                            table, " t"));
      EXPECT_TRUE(rows.ok()) << rows.status();
      for (const std::string& row : *rows) {
        absl::StrAppend(&dump, table, " ", row, "\n");
      }
    }
    return dump;
  }

  static inline const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
  static inline const absl::Time kOld = kNow - absl::Hours(24 * 5);
  masa::v1::Catalog catalog_;
  ConnectionPool pool_;
  ConnectionPool forgetter_;
  std::unique_ptr<PostgresIssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
};

// The octets of a text as bytea shows them.
std::string Shown(const std::string& text) {
  std::string hex;
  for (const unsigned char octet : text) {
    absl::StrAppend(&hex, absl::Hex(octet, absl::kZeroPad2));
  }
  return hex;
}

// SE-08, AL-26: after the period nobody is named any more in what the page
// says goes then; the log of RFC 8995 and every event are as they were.
TEST_F(Retention, ForgetsWhoAskedAndKeepsWhatWasIssued) {
  std::vector<IssuedVoucher> old;
  for (const char* serial : {"S1", "S2", "S3", "S4", "S5"}) {
    old.push_back(Plant("a", serial, kOld, "FORGET"));
    Commit(old.back());
  }
  IssuedVoucher young = Plant("a", "S6", kNow - absl::Hours(1), "KEEP-young");
  young.claim_window.reset();
  Commit(young);
  const IssuedVoucher foreign = Plant("b", "S1", kOld, "KEEP-foreign");
  Commit(foreign);
  const auto events = As("", "SELECT e::text FROM audit_events e ORDER BY 1");
  ASSERT_NE(Dump().find("FORGET-registrar"), std::string::npos);
  ASSERT_NE(Dump().find("FORGET-operator"), std::string::npos);
  ASSERT_NE(Dump().find(Shown("FORGET-octets")), std::string::npos);

  const Forgotten forgotten = Run("a");
  EXPECT_EQ(forgotten.vouchers, 5);
  EXPECT_EQ(forgotten.changes, 5);
  EXPECT_EQ(forgotten.registrar_claims, 1);
  EXPECT_EQ(Run("").changes, 1);
  const std::string dump = Dump();
  EXPECT_EQ(dump.find("FORGET"), std::string::npos) << dump;
  EXPECT_EQ(dump.find(Shown("FORGET")), std::string::npos) << dump;
  for (const char* mark : {"KEEP-young", "KEEP-foreign"}) {
    for (const char* what : {"-operator", "-import", "-registrar"}) {
      EXPECT_NE(dump.find(absl::StrCat(mark, what)), std::string::npos) << dump;
    }
  }
  EXPECT_EQ(Read(young).voucher, young.voucher);
  EXPECT_EQ(Read(foreign).actor, foreign.actor);

  for (const IssuedVoucher& planted : old) {
    const IssuedVoucher kept = Read(planted);
    EXPECT_FALSE(kept.IsKept());
    EXPECT_EQ(kept.nonce, planted.nonce);
    EXPECT_EQ(kept.created_on, planted.created_on);
    EXPECT_EQ(kept.domain_id, planted.domain_id);
    EXPECT_EQ(kept.assertion, planted.assertion);
    EXPECT_EQ(kept.pinned_spki_sha256, planted.pinned_spki_sha256);
    EXPECT_EQ(kept.request_digest, planted.request_digest);
  }
  EXPECT_EQ(*As("",
                "SELECT e::text FROM audit_events e "
                "WHERE kind <> 'retention-run' ORDER BY 1"),
            *events);
  EXPECT_EQ(As("",
               "SELECT payload FROM audit_events "
               "WHERE kind = 'retention-run' AND tenant_id = 'a'")
                ->front(),
            "{\"before\":\"2026-09-20T14:13:20.000000Z\"}");
}

// What was logged verifies as before, and who did it cannot be found out.
TEST_F(Retention, TheLogHoldsWhenNamesAreForgotten) {
  Commit(Plant("a", "S1", kOld, "FORGET"));
  const auto log = PostgresAuditLog::New(&pool_);
  const auto sequence = PostgresAuditSequence::New(&pool_);
  const auto epoch = sequence->TakeLease({}, "t", kNow, kNow);
  ASSERT_TRUE(epoch.ok() && *epoch) << epoch.status();
  LogAppend append{"a", **epoch, 0, {}, {}, {0, std::string(32, 'r')}};
  const auto rows = sequence->ReadOutbox({}, {}, 1000);
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (const OutboxRow& row : *rows) {
    if (row.tenant_id == "a") {
      append.rows.push_back(row);
      append.after.size += row.entries.size();
    }
  }
  ASSERT_TRUE(sequence->Append({}, append).ok());
  const auto before = *log->ReadEntries({}, "a", 0, 1000);
  Run("a");
  const auto after = *log->ReadEntries({}, "a", 0, 1000);
  ASSERT_EQ(after.size(), before.size());
  int forgotten = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(CommitmentOf(*after[i].event), after[i].entry.commitment);
    EXPECT_EQ(after[i].event->who_hash, before[i].event->who_hash);
    forgotten += before[i].event->who != after[i].event->who ? 1 : 0;
    EXPECT_TRUE(after[i].event->who == Who() ||
                after[i].event->who == before[i].event->who);
  }
  EXPECT_GT(forgotten, 1) << "of a voucher and of the import before it";
}

// How far an import came is asked for while it may be gone on with.
TEST_F(Retention, OldImportsAreForgotten) {
  const auto imports = PostgresImportStore::New(&pool_);
  const ImportKey old = {"a", "old"};
  const ImportKey young = {"a", "young"};
  const ImportKey foreign = {"b", "old"};
  for (const ImportKey& key : {old, foreign}) {
    ASSERT_TRUE(imports->BeginImport({}, key, OnConflict::kFail, kOld).ok());
  }
  ASSERT_TRUE(imports->BeginImport({}, young, OnConflict::kFail, kNow).ok());
  Run("a");
  EXPECT_FALSE(imports->GetImport({}, old).ok());
  EXPECT_TRUE(imports->GetImport({}, young).ok());
  EXPECT_TRUE(imports->GetImport({}, foreign).ok());
}

// Times are not in the order of commits: what is young keeps what came behind
// it, so that a lane never has a hole.
TEST_F(Retention, OldChangesLeaveTheFeedFromTheFront) {
  const auto devices = PostgresDeviceStore::New(&pool_);
  Plant("a", "S1", kOld, "FORGET");
  Plant("b", "S1", kOld, "KEEP");
  const absl::Time times[] = {kOld, kNow, kOld};
  for (const absl::Time at : times) {
    EXPECT_TRUE(devices->Assign({}, "t", at, {{"a", "S1", {}}}, "")[0].ok());
  }
  const RetentionOrder order = {"a", absl::UnixEpoch(), kNow,
                                kNow - absl::Hours(1)};
  EXPECT_EQ(Forget(forgetter_, order, 1)->feed, 2) << "a row at a time";
  EXPECT_EQ(
      *As("", "SELECT tenant_id || position FROM ownership_feed ORDER BY 1"),
      (std::vector<std::string>{"a3", "a4", "b1"}));
  EXPECT_EQ(Forget(forgetter_, order)->feed, 0);
}

TEST_F(Retention, ASecondRunFindsNothing) {
  Commit(Plant("a", "S1", kOld, "FORGET"));
  EXPECT_EQ(Run("a").vouchers, 1);
  const Forgotten again = Run("a");
  EXPECT_EQ(again.vouchers + again.changes + again.registrar_claims, 0);
}

// A voucher that devices still take keeps its octets, not who asked for it.
TEST_F(Retention, AGoodVoucherKeepsItsOctets) {
  IssuedVoucher endless = Plant("a", "S1", kOld, "FORGET");
  endless.nonce.reset();
  endless.voucher = "endless";
  Commit(endless);
  IssuedVoucher running = Plant("a", "S2", kOld, "FORGET");
  running.nonce.reset();
  running.expires_on = kNow + absl::Seconds(1);
  running.voucher = "running";
  Commit(running);
  IssuedVoucher ended = running;
  ended.request_digest = std::string(32, 'e');
  ended.voucher_id = NewEventId(kOld);
  ended.audit_event_id = NewEventId(kOld);
  ended.expires_on = kNow;
  Commit(ended);
  EXPECT_EQ(Run("a").vouchers, 3);
  EXPECT_EQ(Read(endless).voucher, "endless");
  EXPECT_EQ(Read(endless).actor, "");
  const auto listed =
      log_->ListForDevice({}, running.bucket, running.device_id, 9);
  for (const IssuedVoucher& one : *listed) {
    EXPECT_EQ(one.voucher, one.expires_on == ended.expires_on ? "" : "running");
    EXPECT_EQ(one.request_id, "");
  }
  EXPECT_EQ(Run("a").vouchers, 0);
}

// AL-23 holds for this role too, and it can read nobody's event.
TEST_F(Retention, ItsRoleCanDoNothingElse) {
  for (const char* refused :
       {"UPDATE audit_events SET payload = ''", "DELETE FROM audit_events",
        "SELECT * FROM audit_events", "DELETE FROM vouchers",
        "UPDATE vouchers SET nonce = ''", "UPDATE vouchers SET domain_id = ''",
        "INSERT INTO vouchers SELECT * FROM vouchers",
        "SELECT * FROM organizations", "UPDATE changes SET actor = ''",
        "SELECT * FROM devices", "SELECT changes FROM ownership_feed",
        "UPDATE tenants SET definition = ''"}) {
    const absl::Status status = As(kRetentionRole, refused).status();
    EXPECT_NE(std::string(status.message()).find("permission denied"),
              std::string::npos)
        << refused << ": " << status;
  }
  EXPECT_TRUE(As(kRetentionRole, "SELECT actor FROM changes").ok());
}

}  // namespace
}  // namespace masa::storage
