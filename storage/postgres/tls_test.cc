// The database over TLS, as it is run: who is let in, who is refused with which
// sentence, and what is changed while the service runs.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fstream>
#include <pqxx/pqxx>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/files.h"
#include "services/testing/test_pki.h"
#include "storage/contract/postgres_server.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

testing::CertificateSpec Today(const std::string& name) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  return spec;
}

testing::Identity Root(const std::string& name) {
  testing::CertificateSpec spec = Today(name);
  spec.is_ca = true;
  return testing::MakeIdentity(spec);
}

// The server's certificate names "localhost"; support logs in by certificate.
class DatabaseTls : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::CertificateSpec spec = Today("database");
    spec.subject_alternative_names = {"DNS:localhost"};
    const testing::Identity server = testing::MakeIdentity(spec, &server_root_);
    auto started = PostgresServer::StartWithTls(
        {server.CertificatePem(), server.KeyPem(),
         client_root_.CertificatePem(),
         "hostssl masa masa_app 127.0.0.1/32 scram-sha-256\n"
         "hostssl masa masa_migrator 127.0.0.1/32 scram-sha-256\n"
         "hostssl masa masa_help 127.0.0.1/32 cert\n"});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    SetPassword("first");
    ASSERT_TRUE(server_
                    ->RunAsSuperuser("CREATE ROLE masa_help LOGIN IN ROLE "
                                     "masa_support")
                    .ok());
    Write("roots.pem", server_root_.CertificatePem());
  }

  void SetPassword(const std::string& password) {
    ASSERT_TRUE(server_
                    ->RunAsSuperuser(absl::StrCat(
                        "ALTER ROLE masa_app PASSWORD '", password, "'"))
                    .ok());
  }

  std::string Path(const std::string& name) const {
    return ::testing::TempDir() + "/" + name;
  }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(
        testing::WriteFile(Path(name), text, testing::FileMode::kSecret).ok());
  }

  // At the loopback under the name `host`.
  std::string Url(const std::string& login, const std::string& host,
                  const std::string& more = "") const {
    return absl::StrCat("postgresql://", login, "@", host, ":", server_->port(),
                        "/masa?hostaddr=127.0.0.1",
                        "&sslmode=verify-full&sslrootcert=", Path("roots.pem"),
                        more);
  }

  static absl::StatusOr<std::string> Ask(ConnectionPool& pool,
                                         const std::string& statement) {
    std::string answer;
    const absl::Status status =
        RunTransaction(pool, {}, TransactionKind::kOneStatement,
                       [&](pqxx::transaction_base& transaction) {
                         answer = transaction.exec1(statement)[0].c_str();
                         return absl::OkStatus();
                       });
    return status.ok() ? absl::StatusOr<std::string>(answer) : status;
  }
  static absl::StatusOr<std::string> Version(const std::string& url) {
    ConnectionPool pool({.url = url, .max_connections = 1});
    return Ask(pool,
               "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  }
  static std::string Sentence(const std::string& url) {
    const absl::Status status = Version(url).status();
    EXPECT_EQ(ReasonOf(status), Reason::kStoreUnavailable) << status;
    return std::string(PublicMessage(status));
  }

  const testing::Identity server_root_ = Root("servers");
  const testing::Identity client_root_ = Root("clients");
  std::unique_ptr<PostgresServer> server_;
};

TEST_F(DatabaseTls, LetsInWhoKnowsItAndIsKnown) {
  const auto version = Version(Url("masa_app:first", "localhost"));
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(*version, "TLSv1.3");
  ASSERT_TRUE(
      server_->RunAsSuperuser("ALTER ROLE masa_migrator PASSWORD 'second'")
          .ok());
  const absl::Status migrated =
      Migrate(Url("masa_migrator:second", "localhost"));
  EXPECT_TRUE(migrated.ok()) << migrated;
}

// Of a server that is gone without a word nothing else is heard.
TEST_F(DatabaseTls, IsAskedForSignsOfLife) {
  ConnectionPool pool(
      {.url = Url("masa_app:first", "localhost"), .max_connections = 1});
  ASSERT_TRUE(Ask(pool, "SELECT 1").ok());
  auto lease = pool.Acquire(absl::InfiniteFuture());
  ASSERT_TRUE(lease.ok()) << lease.status();
  const int socket = lease->connection()->sock();
  const struct {
    int option;
    int value;
  } cases[] = {{TCP_KEEPIDLE, 5}, {TCP_KEEPINTVL, 2}, {TCP_KEEPCNT, 3}};
  for (const auto& c : cases) {
    int value = 0;
    socklen_t size = sizeof(value);
    EXPECT_EQ(getsockopt(socket, IPPROTO_TCP, c.option, &value, &size), 0);
    EXPECT_EQ(value, c.value);
  }
}

TEST_F(DatabaseTls, SaysInASentenceWhyItIsNotTrusted) {
  EXPECT_EQ(Sentence(Url("masa_app:first", "database.example")),
            "the database's certificate is for another host than its URL "
            "names");
  Write("roots.pem", client_root_.CertificatePem());
  EXPECT_EQ(Sentence(Url("masa_app:first", "localhost")),
            "the database's certificate does not lead to the roots that "
            "sslrootcert names");
  ASSERT_EQ(std::remove(Path("roots.pem").c_str()), 0);
  EXPECT_EQ(Sentence(Url("masa_app:first", "localhost")),
            "the roots that sslrootcert of the database's URL names cannot be "
            "read");
}

TEST_F(DatabaseTls, SaysInASentenceWhyTheLoginIsRefused) {
  EXPECT_EQ(Sentence(Url("masa_app:wrong", "localhost")),
            "the database refuses the password of its login");
  EXPECT_EQ(Sentence(Url("masa_app", "localhost")),
            "the database asks its login for a password");
  EXPECT_EQ(Sentence(Url("postgres", "localhost")),
            "the database admits no such login from here (pg_hba.conf)");
  EXPECT_EQ(Sentence(Url("masa_help", "localhost")),
            "the database asks its login for a certificate");
}

TEST_F(DatabaseTls, IsAskedForWhereItIsNotOffered) {
  auto plain = PostgresServer::StartWithTls(
      {"", "", "", "host all all 127.0.0.1/32 trust\n"});
  ASSERT_TRUE(plain.ok()) << plain.status();
  server_ = *std::move(plain);
  EXPECT_EQ(Sentence(Url("masa_app", "localhost")),
            "the database offers no TLS, and its URL asks for it (sslmode)");
}

// What a new connection needs is read when it is opened.
TEST_F(DatabaseTls, PasswordChangesWithoutARestart) {
  Write("url", Url("masa_app:first", "localhost"));
  ConnectionPool pool(
      {.url = "",
       .read_url = [this] { return testing::ReadFile(Path("url")); },
       .max_connections = 1});
  ASSERT_TRUE(Ask(pool, "SELECT 1").ok());
  SetPassword("second");
  EXPECT_TRUE(Ask(pool, "SELECT 1").ok()) << "it is open";
  pool.CloseIdle();
  EXPECT_EQ(ReasonOf(Ask(pool, "SELECT 1").status()),
            Reason::kStoreUnavailable);
  Write("url", Url("masa_app:second", "localhost"));
  EXPECT_TRUE(Ask(pool, "SELECT 1").ok());
  pool.CloseIdle();
  ASSERT_EQ(std::remove(Path("url").c_str()), 0);
  EXPECT_EQ(Ask(pool, "SELECT 1").status().code(), absl::StatusCode::kNotFound)
      << "what reads it says why it cannot";
}

TEST_F(DatabaseTls, CertificatesOfALoginChangeWithoutARestart) {
  const auto write = [this](const testing::Identity& root) {
    const testing::Identity login =
        testing::MakeIdentity(Today("masa_help"), &root);
    Write("login.pem", login.CertificatePem());
    Write("login.key", login.KeyPem());
  };
  const std::string url = Url("masa_help", "localhost",
                              absl::StrCat("&sslcert=", Path("login.pem"),
                                           "&sslkey=", Path("login.key")));
  write(client_root_);
  ConnectionPool pool({.url = url, .max_connections = 1});
  ASSERT_TRUE(Ask(pool, "SELECT count(*) FROM devices").ok());
  pool.CloseIdle();
  write(server_root_);  // which says nothing of logins
  EXPECT_EQ(Ask(pool, "SELECT 1").status().message(),
            "the database does not trust the login's certificate");
  write(client_root_);
  EXPECT_TRUE(Ask(pool, "SELECT 1").ok());
}

}  // namespace
}  // namespace masa::storage
