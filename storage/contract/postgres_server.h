// A real PostgreSQL server for tests: a cluster of its own on a temporary
// folder and socket, or the one that MASA_TEST_DATABASE_URL names. Runs as the
// user postgres (else nobody) when the test runs as root. Not thread-safe.
#ifndef STORAGE_CONTRACT_POSTGRES_SERVER_H_
#define STORAGE_CONTRACT_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace masa::storage {

class PostgresServer {
 public:
  // The role that owns the database, and the service's, a member of
  // masa_service.
  static constexpr char kMigrator[] = "masa_migrator";
  static constexpr char kService[] = "masa_app";
  static constexpr char kSuperuser[] = "postgres";

  // Makes a cluster with the database `masa` and both roles, starts it, and
  // applies the migrations.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start();

  // What a server shows and asks for over TCP, PEM.
  struct Tls {
    std::string chain;
    std::string key;
    std::string client_roots;
    std::string admission;  // lines of pg_hba.conf for TCP
  };
  // The same, and over TLS on a free port of the loopback besides; always a
  // cluster of its own. Without `tls.chain` that port has no TLS.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> StartWithTls(
      const Tls& tls);

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  // Kills the server and removes the cluster.
  ~PostgresServer();

  // An address of the database for `role`. The named database of the
  // environment is the same for every role.
  std::string Url(const std::string& role) const;

  // Of a server with TLS, else 0.
  int port() const { return port_; }
  // Runs one statement as the superuser.
  absl::Status RunAsSuperuser(const std::string& statement);

  // False for a server of the environment, which is not ours to stop.
  bool IsOurs() const { return named_url_.empty(); }

  // Removes every record, keeps the schema.
  absl::Status Empty();

  // Stops without ceremony, as a crash would. Open connections break.
  void Stop();
  // Starts again on the same data.
  absl::Status Restart();

 private:
  PostgresServer() = default;

  absl::Status MakeCluster();
  absl::Status AddTls(const Tls& tls);
  absl::Status MakeDatabase();
  // A child process as the cluster's user; -1 when there is none.
  pid_t Spawn(const std::vector<std::string>& words) const;

  std::string named_url_;
  std::string folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = -1;
  int port_ = 0;
  std::vector<std::string> settings_;  // words of the command
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_POSTGRES_SERVER_H_
