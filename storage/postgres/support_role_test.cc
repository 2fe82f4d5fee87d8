// Who looks for a fault reads where things stand, and no more.
#include <fstream>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

absl::StatusOr<std::vector<std::string>> AsSupport(
    const std::string& statement) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kMigrator),
                       .role = kSupportRole});
  std::vector<std::string> values;
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        values.clear();
        for (const pqxx::row& row : transaction.exec(statement)) {
          values.push_back(row[0].c_str());
        }
        return absl::OkStatus();
      });
  return status.ok() ? absl::StatusOr<std::vector<std::string>>(values)
                     : status;
}

// table.column that the page calls personal.
std::set<std::string> Personal() {
  std::set<std::string> personal;
  std::ifstream page("storage/PERSONAL_DATA.md");
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    if (cells.size() != 5 || cells[3] != "personal") {
      continue;
    }
    const std::vector<std::string> columns = absl::StrSplit(cells[1], ", ");
    for (const std::string& column : columns) {
      personal.insert(
          absl::StrCat(absl::StripPrefix(cells[0], "| "), ".", column));
    }
  }
  return personal;
}

TEST(SupportRole, ReadsNothingThatIsPersonal) {
  const std::set<std::string> personal = Personal();
  ASSERT_TRUE(personal.contains("organizations.display_name"));
  const auto readable = AsSupport(
      "SELECT table_name || '.' || column_name FROM "
      "information_schema.column_privileges WHERE grantee = 'masa_support'");
  ASSERT_TRUE(readable.ok()) << readable.status();
  EXPECT_GT(readable->size(), 50u);
  for (const std::string& column : *readable) {
    EXPECT_FALSE(personal.contains(column)) << column;
  }
  for (const char* statement :
       {"SELECT display_name FROM organizations", "SELECT actor FROM changes",
        "SELECT token_digest FROM enrollment_permits",
        "SELECT nonce FROM vouchers", "SELECT salt FROM audit_events"}) {
    EXPECT_EQ(ReasonOf(AsSupport(statement).status()), Reason::kMisconfigured)
        << statement;
  }
}

TEST(SupportRole, FindsADeviceAndWhatHappenedToIt) {
  for (const char* statement :
       {"SELECT serial_number, state, organization_id FROM devices",
        "SELECT voucher_id, created_on FROM vouchers",
        "SELECT kind, at FROM audit_events",
        "SELECT state, ready_at FROM voucher_jobs",
        "SELECT max(version) FROM schema_version",
        "SELECT count(*) FROM audit_outbox"}) {
    const auto found = AsSupport(statement);
    EXPECT_TRUE(found.ok()) << statement << ": " << found.status();
  }
}

TEST(SupportRole, WritesNothing) {
  const auto rights = AsSupport(
      "SELECT DISTINCT privilege_type FROM "
      "information_schema.column_privileges WHERE grantee = 'masa_support'");
  ASSERT_TRUE(rights.ok()) << rights.status();
  EXPECT_EQ(*rights, std::vector<std::string>{"SELECT"});
  for (const char* statement :
       {"UPDATE devices SET version = 0", "DELETE FROM audit_events",
        "CREATE TABLE mine (a int)"}) {
    EXPECT_FALSE(AsSupport(statement).ok()) << statement;
  }
}

}  // namespace
}  // namespace masa::storage
