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

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  // Kills the server and removes the cluster.
  ~PostgresServer();

  // An address of the database for `role`. The named database of the
  // environment is the same for every role.
  std::string Url(const std::string& role) const;

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
  absl::Status MakeDatabase();
  // A child process as the cluster's user; -1 when there is none.
  pid_t Spawn(const std::vector<std::string>& words) const;

  std::string named_url_;
  std::string folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = -1;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_POSTGRES_SERVER_H_
