// A migration of a database that others use.
#include "storage/postgres/migrate.h"

#include <pqxx/pqxx>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

void WaitUntilOneIsBlocked() {
  pqxx::connection connection(SharedServer().Url(PostgresServer::kSuperuser));
  pqxx::nontransaction look(connection);
  while (look.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
             .as<int>() == 0) {
    std::this_thread::yield();
  }
}

// A dump reads one table after the other, and lets go of none before its end.
TEST(MigrateBesideALongReader, OthersAreServedMeanwhile) {
  const std::string url = SharedServer().Url(PostgresServer::kMigrator);
  {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection)
        .exec("DELETE FROM schema_version WHERE version >= 26");
  }
  pqxx::connection dumping(SharedServer().Url(PostgresServer::kSuperuser));
  pqxx::work dump(dumping);
  dump.exec("SELECT count(*) FROM key_versions");
  absl::Status migrated;
  std::thread migration([&] { migrated = Migrate(url); });
  WaitUntilOneIsBlocked();
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService),
                       .statement_timeout = absl::Seconds(30)});
  const absl::Status served =
      RunTransaction(pool, {}, TransactionKind::kOneStatement,
                     [](pqxx::transaction_base& transaction) {
                       transaction.exec("SELECT count(*) FROM key_versions");
                       return absl::OkStatus();
                     });
  EXPECT_TRUE(served.ok()) << served;
  const auto version = SchemaVersion(pool);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_LT(*version, 26) << "the reader still holds its lock";
  dump.commit();
  migration.join();
  EXPECT_TRUE(migrated.ok()) << migrated;
  EXPECT_EQ(*SchemaVersion(pool), NewestSchemaVersion());
}

}  // namespace
}  // namespace masa::storage
