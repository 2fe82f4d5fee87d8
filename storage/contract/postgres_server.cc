#include "storage/contract/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <postgresql/libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/status/macros.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql";
constexpr absl::Duration kLongestStart = absl::Seconds(60);

// The newest installed version's program.
std::string Program(const std::string& name) {
  std::string newest;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(kPrograms, error)) {
    const std::string path = entry.path().string() + "/bin/" + name;
    if (std::filesystem::exists(path) && path > newest) {
      newest = path;
    }
  }
  return newest;
}

absl::Status Run(const std::string& url,
                 const std::vector<std::string>& statements) {
  ConnectionPool pool({.url = url, .max_connections = 1});
  for (const std::string& statement : statements) {
    MASA_RETURN_IF_ERROR(
        RunTransaction(pool, {}, TransactionKind::kOneStatement,
                       [&statement](pqxx::transaction_base& transaction) {
                         transaction.exec(statement);
                         return absl::OkStatus();
                       }));
  }
  return absl::OkStatus();
}

// One that nobody listens on now; PostgreSQL takes no port 0.
int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound =
      bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(probe);
  return bound ? ntohs(address.sin_port) : 0;
}

// The server refuses root; then one of these runs it.
const passwd* OtherUser() {
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

[[noreturn]] void BecomeProgram(const std::vector<std::string>& words,
                                uid_t user, gid_t group,
                                const std::string& folder) {
  const int log =
      open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (getuid() == 0 &&
      (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) {
    _exit(126);
  }
  // Goes when the test goes, however it ends.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (chdir(folder.c_str()) != 0) {
    _exit(126);
  }
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start() {
  std::unique_ptr<PostgresServer> server(new PostgresServer());
  if (const char* url = getenv("MASA_TEST_DATABASE_URL"); url != nullptr) {
    server->named_url_ = url;
  } else {
    MASA_RETURN_IF_ERROR(server->MakeCluster());
    MASA_RETURN_IF_ERROR(server->Restart());
    MASA_RETURN_IF_ERROR(server->MakeDatabase());
  }
  MASA_RETURN_IF_ERROR(Migrate(server->Url(kMigrator)));
  return server;
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::StartWithTls(
    const Tls& tls) {
  std::unique_ptr<PostgresServer> server(new PostgresServer());
  MASA_RETURN_IF_ERROR(server->MakeCluster());
  MASA_RETURN_IF_ERROR(server->AddTls(tls));
  MASA_RETURN_IF_ERROR(server->Restart());
  MASA_RETURN_IF_ERROR(server->MakeDatabase());
  MASA_RETURN_IF_ERROR(Migrate(server->Url(kMigrator)));
  return server;
}

PostgresServer::~PostgresServer() {
  Stop();
  if (!folder_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
}

std::string PostgresServer::Url(const std::string& role) const {
  return IsOurs()
             ? absl::StrCat("postgresql:///masa?host=", folder_, "&user=", role,
                            port_ == 0 ? "" : absl::StrCat("&port=", port_))
             : named_url_;
}

pid_t PostgresServer::Spawn(const std::vector<std::string>& words) const {
  const pid_t child = fork();
  if (child == 0) {
    BecomeProgram(words, user_, group_, folder_);
  }
  return child;
}

absl::Status PostgresServer::MakeCluster() {
  // Short, because socket paths end at 107 octets.
  std::string folder = "/tmp/masa-pg-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError("no temporary folder");
  }
  folder_ = folder;
  user_ = getuid();
  group_ = getgid();
  if (user_ == 0) {
    const passwd* other = OtherUser();
    if (other == nullptr ||
        chown(folder_.c_str(), other->pw_uid, other->pw_gid) != 0) {
      return absl::InternalError("no user to run the database server");
    }
    user_ = other->pw_uid;
    group_ = other->pw_gid;
  }
  const pid_t child =
      Spawn({Program("initdb"), "-D", folder_ + "/data", "-U", kSuperuser,
             "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"});
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    return absl::InternalError("initdb failed");
  }
  return absl::OkStatus();
}

absl::Status PostgresServer::AddTls(const Tls& tls) {
  port_ = FreePort();
  settings_ = {"-c", "listen_addresses=127.0.0.1", "-c",
               absl::StrCat("port=", port_)};
  const auto write = [this](const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    // The server refuses a key that others may read.
    return chmod(path.c_str(), 0600) == 0 &&
           (getuid() != 0 || chown(path.c_str(), user_, group_) == 0);
  };
  bool written =
      write("data/pg_hba.conf", "local all all trust\n" + tls.admission);
  if (!tls.chain.empty()) {
    written = written && write("server.pem", tls.chain) &&
              write("server.key", tls.key) &&
              write("clients.pem", tls.client_roots);
    for (const char* setting :
         {"ssl=on", "ssl_cert_file=../server.pem", "ssl_key_file=../server.key",
          "ssl_ca_file=../clients.pem"}) {
      settings_.insert(settings_.end(), {"-c", setting});
    }
  }
  return written ? absl::OkStatus()
                 : absl::InternalError("files of the cluster's TLS");
}

absl::Status PostgresServer::RunAsSuperuser(const std::string& statement) {
  return Run(Url(kSuperuser), {statement});
}

absl::Status PostgresServer::MakeDatabase() {
  const std::string url = absl::StrCat(
      "postgresql:///postgres?host=", folder_, "&user=", kSuperuser,
      port_ == 0 ? "" : absl::StrCat("&port=", port_));
  return Run(url, {"CREATE ROLE masa_migrator LOGIN CREATEROLE",
                   "CREATE ROLE masa_service NOLOGIN",
                   "CREATE ROLE masa_app LOGIN IN ROLE masa_service",
                   "CREATE DATABASE masa OWNER masa_migrator"});
}

absl::Status PostgresServer::Empty() {
  return Run(
      Url(kMigrator),
      {"TRUNCATE access_bindings, audit_checkpoints, audit_entries, "
       "audit_events, audit_heads, audit_lease, audit_outbox, "
       "audit_places, audit_tiles, audit_verifications, changes, claims, "
       "delegations, device_reports, device_serials, devices, "
       "enrollment_permits, groups, "
       "imports, issued_certificates, job_runs, "
       "key_versions, onboardings, request_results, domain_certs, "
       "blocked_domains, "
       "organizations, ownership_batches, ownership_entries, "
       "ownership_feed, ownership_feed_heads, products, "
       "registrar_claims, signed_statuses, tenants, transfer_devices, "
       "transfers, voucher_job_batches, voucher_jobs, vouchers"});
}

void PostgresServer::Stop() {
  if (server_ > 0) {
    kill(server_, SIGQUIT);
    waitpid(server_, nullptr, 0);
    server_ = -1;
  }
}

absl::Status PostgresServer::Restart() {
  std::vector<std::string> words = {Program("postgres"),
                                    "-D",
                                    folder_ + "/data",
                                    "-c",
                                    "listen_addresses=",
                                    "-c",
                                    "unix_socket_directories=" + folder_,
                                    "-c",
                                    "fsync=off"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  server_ = Spawn(words);
  const std::string address =
      absl::StrCat("host=", folder_, " dbname=postgres user=", kSuperuser,
                   port_ == 0 ? "" : absl::StrCat(" port=", port_));
  const absl::Time end = absl::Now() + kLongestStart;
  while (PQping(address.c_str()) != PQPING_OK) {
    if (absl::Now() > end || server_ < 0 ||
        waitpid(server_, nullptr, WNOHANG) != 0) {
      server_ = -1;
      return absl::InternalError("the database server does not start");
    }
    // Polls another process, which has no other way to tell.
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::OkStatus();
}

}  // namespace masa::storage
