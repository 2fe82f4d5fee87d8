#include "storage/postgres/run_transaction.h"

#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/migrate.h"

namespace masa::storage {
namespace {

ConnectionPool::Options Service(int max_connections) {
  ConnectionPool::Options options;
  options.url = SharedServer().Url(PostgresServer::kService);
  options.max_connections = max_connections;
  return options;
}

TransactionBody Statement(const char* sql) {
  return [sql](pqxx::transaction_base& transaction) {
    transaction.exec(sql);
    return absl::OkStatus();
  };
}

absl::Status As(const char* role, const char* sql) {
  ConnectionPool pool({.url = SharedServer().Url(role)});
  return RunTransaction(pool, {}, TransactionKind::kManyStatements,
                        Statement(sql));
}

absl::Status AsMigrator(const char* sql) {
  return As(PostgresServer::kMigrator, sql);
}

TEST(ConnectionPool, HandsOutNoMoreThanItsBoundAndSaysSo) {
  ConnectionPool pool(Service(1));
  auto first = pool.Acquire(absl::InfiniteFuture());
  ASSERT_TRUE(first.ok());
  const auto refused =
      pool.Acquire(absl::Now() + absl::Milliseconds(1)).status();
  EXPECT_EQ(ReasonOf(refused), Reason::kOverloaded);
}

TEST(ConnectionPool, WaitsForTheOneThatIsGivenBack) {
  ConnectionPool pool(Service(1));
  auto first = pool.Acquire(absl::InfiniteFuture());
  ASSERT_TRUE(first.ok());
  std::thread waiter(
      [&] { EXPECT_TRUE(pool.Acquire(absl::InfiniteFuture()).ok()); });
  { const ConnectionPool::Lease given_back = *std::move(first); }
  waiter.join();
}

TEST(ConnectionPool, RefusesADeadlineThatHasPassed) {
  ConnectionPool pool(Service(1));
  EXPECT_EQ(ReasonOf(pool.Acquire(absl::InfinitePast()).status()),
            Reason::kDeadlineExceeded);
}

// Writes down what it hears.
class HeardEvents final : public StoreEvents {
 public:
  std::vector<std::pair<int, int>> connections;  // in use, waiting
  std::vector<std::string> retries;
  std::vector<std::string> statements;
  int acquired = 0, attempts = 0, in_doubt = 0;

  void Connections(int in_use, int waiting) override {
    connections.emplace_back(in_use, waiting);
  }
  void Acquired(absl::Duration) override { ++acquired; }
  void Attempted(absl::Duration) override { ++attempts; }
  void Executed(const char* statement, absl::Duration took) override {
    EXPECT_GT(took, absl::ZeroDuration());
    statements.push_back(statement);
  }
  void Retried(const std::string& sqlstate) override {
    retries.push_back(sqlstate);
  }
  void InDoubt() override { ++in_doubt; }
};

TEST(ConnectionPool, TellsWhoHoldsAndWhoWaits) {
  HeardEvents heard;
  ConnectionPool::Options options = Service(1);
  options.events = &heard;
  ConnectionPool pool(options);
  {
    const auto lease = pool.Acquire(absl::InfiniteFuture());
    EXPECT_FALSE(pool.Acquire(absl::Now() + absl::Milliseconds(1)).ok());
  }
  const std::vector<std::pair<int, int>> expected = {
      {0, 1}, {1, 0}, {1, 1}, {1, 0}, {0, 0}};
  EXPECT_EQ(heard.connections, expected);
  EXPECT_EQ(heard.acquired, 2);
}

TEST(RunTransaction, TellsOfEachAttemptAndWhyItIsTriedAgain) {
  HeardEvents heard;
  ConnectionPool::Options options = Service(1);
  options.events = &heard;
  ConnectionPool pool(options);
  RequestContext context;
  context.deadline = absl::Now() + absl::Minutes(1);
  int runs = 0;
  const absl::Status status = RunTransaction(
      pool, context, TransactionKind::kManyStatements,
      [&runs](pqxx::transaction_base& transaction) {
        if (++runs == 1) {
          transaction.exec("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
        }
        transaction.exec("SELECT 1");
        return absl::OkStatus();
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(heard.attempts, 2);
  EXPECT_EQ(heard.retries, std::vector<std::string>{"40001"});
  EXPECT_EQ(heard.in_doubt, 0);
}

TEST(RunTransaction, TellsOfEachStatementByNameAlsoOfOneThatFails) {
  constexpr storage::Statement kGood = {"good", "SELECT 1"};
  constexpr storage::Statement kBad = {"bad", "SELECT $1::text::integer"};
  HeardEvents heard;
  ConnectionPool::Options options = Service(1);
  options.events = &heard;
  ConnectionPool pool(options);
  for (const TransactionKind kind :
       {TransactionKind::kOneStatement, TransactionKind::kManyStatements}) {
    heard.statements.clear();
    const absl::Status status = RunTransaction(
        pool, {}, kind, [&](pqxx::transaction_base& transaction) {
          Execute(transaction, kGood);
          Execute(transaction, kBad, "x");
          return absl::OkStatus();
        });
    EXPECT_TRUE(RefusesARow(status)) << status;
    const std::vector<std::string> expected = {"good", "bad"};
    EXPECT_EQ(heard.statements, expected);
  }
}

TEST(RunTransaction, RollsBackWhatTheBodyRefuses) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  ConnectionPool pool(Service(1));
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [](pqxx::transaction_base& transaction) {
        transaction.exec("INSERT INTO tenants VALUES ('t', '{}')");
        return Refuse(Reason::kTenantUnknown, "no");
      });
  EXPECT_EQ(ReasonOf(status), Reason::kTenantUnknown);
  size_t rows = 1;
  ASSERT_TRUE(
      RunTransaction(pool, {}, TransactionKind::kOneStatement,
                     [&rows](pqxx::transaction_base& transaction) {
                       rows = transaction.exec("SELECT FROM tenants").size();
                       return absl::OkStatus();
                     })
          .ok());
  EXPECT_EQ(rows, 0u);
}

TEST(RunTransaction, TellsARefusedRowFromAFault) {
  ConnectionPool pool(Service(1));
  const struct {
    const char* name;
    const char* sql;
    bool refuses_a_row;
    Reason reason;
  } cases[] = {
      {"check", "INSERT INTO device_serials VALUES (NULL, 't', 's')", true,
       Reason::kStoreConflict},
      {"type", "SELECT 'x'::text::integer", true, Reason::kStoreConflict},
      {"syntax", "SELEC 1", false, Reason::kInternal},
      {"rights", "DELETE FROM audit_events", false, Reason::kMisconfigured},
  };
  for (const auto& c : cases) {
    const absl::Status status = RunTransaction(
        pool, {}, TransactionKind::kOneStatement, Statement(c.sql));
    EXPECT_EQ(RefusesARow(status), c.refuses_a_row) << c.name;
    EXPECT_EQ(ReasonOf(status), c.reason) << c.name;
  }
  EXPECT_TRUE(RunTransaction(pool, {}, TransactionKind::kOneStatement,
                             Statement("SELECT 1"))
                  .ok())
      << "the connection is of use afterwards";
}

TEST(RunTransaction, NamesTheMissingRightInOneLine) {
  const absl::Status status =
      As(PostgresServer::kService, "CREATE TABLE not_for_me (a int)");
  EXPECT_EQ(ReasonOf(status), Reason::kMisconfigured);
  EXPECT_EQ(status.message().find('\n'), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("permission denied"), absl::string_view::npos)
      << status;
}

// AL-23: a login that owns the tables serves under the role that may not
// change the audit log.
TEST(ConnectionPool, TakesTheRoleItIsGiven) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kSuperuser),
                       .role = "masa_service"});
  EXPECT_EQ(ReasonOf(RunTransaction(pool, {}, TransactionKind::kOneStatement,
                                    Statement("DELETE FROM audit_events"))),
            Reason::kMisconfigured);
}

// A plan is made once, by index, however small the table is.
TEST(ConnectionPool, LooksUpByIndexInAnEmptyTable) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  ConnectionPool pool(Service(1));
  std::string plan;
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&plan](pqxx::transaction_base& transaction) {
        plan.clear();
        transaction.exec(
            "PREPARE look_up(smallint[], bytea[]) AS SELECT d.* FROM "
            "unnest($1, $2) AS q(bucket, device_id) "
            "JOIN devices d USING (bucket, device_id)");
        for (const pqxx::row& row :
             transaction.exec("EXPLAIN EXECUTE look_up('{1}', '{a}')")) {
          plan += row[0].as<std::string>() + "\n";
        }
        return absl::OkStatus();
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_NE(plan.find("Index Scan"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

TEST(RunTransaction, GivesUpOnAStatementThatTakesTooLong) {
  ConnectionPool::Options options = Service(1);
  options.statement_timeout = absl::Milliseconds(50);
  ConnectionPool pool(options);
  EXPECT_EQ(ReasonOf(RunTransaction(pool, {}, TransactionKind::kOneStatement,
                                    Statement("SELECT pg_sleep(60)"))),
            Reason::kStoreUnavailable);
}

// Two transactions that lock two rows in opposite order: the one that
// PostgreSQL gives up is run again.
TEST(RunTransaction, RunsAgainAfterADeadlock) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  ASSERT_TRUE(
      AsMigrator("INSERT INTO tenants VALUES ('1', ''), ('2', '')").ok());
  ConnectionPool pool(Service(2));
  absl::Notification locked[2];
  const auto run = [&](int side) {
    const char* const locks[] = {
        "UPDATE tenants SET definition = 'x' WHERE tenant_id = '1'",
        "UPDATE tenants SET definition = 'x' WHERE tenant_id = '2'"};
    int runs = 0;
    const absl::Status status =
        RunTransaction(pool, {}, TransactionKind::kManyStatements,
                       [&](pqxx::transaction_base& transaction) {
                         transaction.exec(locks[side]);
                         if (++runs == 1) {
                           locked[side].Notify();
                           locked[1 - side].WaitForNotification();
                         }
                         transaction.exec(locks[1 - side]);
                         return absl::OkStatus();
                       });
    EXPECT_TRUE(status.ok()) << status;
    return runs;
  };
  int runs[2] = {0, 0};
  std::thread other([&] { runs[0] = run(0); });
  runs[1] = run(1);
  other.join();
  EXPECT_GE(runs[0] + runs[1], 3);
}

TEST(RunTransaction, SaysUnavailableWithoutAServer) {
  ConnectionPool pool({.url = "postgresql:///masa?host=/nonexistent"});
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kOneStatement, Statement("SELECT 1"));
  EXPECT_EQ(ReasonOf(status), Reason::kStoreUnavailable);
  EXPECT_EQ(std::string(status.message()).find("nonexistent"),
            std::string::npos)
      << "addresses are not shown outside";
}

TEST(Migrate, DoesNothingWhenRunAgainAndKeepsTheRights) {
  const std::string url = SharedServer().Url(PostgresServer::kMigrator);
  EXPECT_TRUE(Migrate(url).ok());
  ConnectionPool pool(Service(1));
  const auto version = SchemaVersion(pool);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(*version, NewestSchemaVersion());
  EXPECT_TRUE(CheckSchema(pool).ok());
}

TEST(Migrate, TwoProcessesMayMigrateAtOnce) {
  const std::string url = SharedServer().Url(PostgresServer::kMigrator);
  ASSERT_TRUE(AsMigrator("DROP OWNED BY CURRENT_USER").ok());
  std::vector<std::thread> processes;
  for (int i = 0; i < 4; ++i) {
    processes.emplace_back([&url] {
      const absl::Status status = Migrate(url);
      EXPECT_TRUE(status.ok()) << status;
    });
  }
  for (std::thread& process : processes) {
    process.join();
  }
  ConnectionPool pool(Service(1));
  EXPECT_TRUE(CheckSchema(pool).ok());
}

TEST(Migrate, MakesTheServiceRoleWhenMissing) {
  const std::string url = SharedServer().Url(PostgresServer::kMigrator);
  const absl::Status status = Migrate(url, "another service");
  EXPECT_TRUE(status.ok()) << status;
  for (const char* sql :
       {"DROP OWNED BY \"another service\"", "DROP ROLE \"another service\""}) {
    EXPECT_TRUE(As(PostgresServer::kSuperuser, sql).ok());
  }
}

TEST(Migrate, RefusesANewerAndNoticesAnOlderSchema) {
  const std::string url = SharedServer().Url(PostgresServer::kMigrator);
  ConnectionPool pool(Service(1));
  ASSERT_TRUE(
      AsMigrator("INSERT INTO schema_version VALUES (9999, now())").ok());
  EXPECT_EQ(ReasonOf(Migrate(url)), Reason::kMisconfigured);
  EXPECT_TRUE(CheckSchema(pool).ok()) << "an older program serves on";
  ASSERT_TRUE(AsMigrator("DELETE FROM schema_version").ok());
  EXPECT_EQ(ReasonOf(CheckSchema(pool)), Reason::kMisconfigured);
  EXPECT_TRUE(Migrate(url).ok());
}

}  // namespace
}  // namespace masa::storage
