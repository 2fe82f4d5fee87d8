// A bounded set of connections to PostgreSQL, opened when first needed and
// handed out one caller at a time. Only run_transaction asks for them, which
// also opens them, because opening throws. Thread-safe.
#ifndef STORAGE_POSTGRES_CONNECTION_POOL_H_
#define STORAGE_POSTGRES_CONNECTION_POOL_H_

#include <functional>
#include <memory>
#include <pqxx/connection>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/postgres/store_events.h"

namespace masa::storage {

class ConnectionPool {
 public:
  struct Options {
    std::string url;  // postgresql://... or keyword=value words
    // Asked instead for each new connection, where it may change meanwhile: a
    // file with a password. From any thread.
    std::function<absl::StatusOr<std::string>()> read_url = {};
    // Taken at once after login (SET ROLE), for logins that own more; a name of
    // letters, digits and underscores. Empty: the login's own rights.
    std::string role = "";
    int max_connections = 16;
    absl::Duration statement_timeout = absl::Seconds(5);
    absl::Duration connect_timeout = absl::Seconds(5);
    // How long a caller without a nearer deadline waits for a connection.
    absl::Duration longest_wait = absl::Seconds(5);
    // Hears of the pool and of what is done with it; outlives it. None: nobody.
    StoreEvents* events = nullptr;
  };

  struct Session {
    // Null until somebody opens it with the pool's address.
    std::unique_ptr<pqxx::connection> connection;
    // Since when it keeps the plans of its statements.
    absl::Time planned = absl::InfinitePast();
  };

  // One session for one caller, given back when it goes.
  class Lease {
   public:
    Lease(ConnectionPool* pool, Session session);
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    std::unique_ptr<pqxx::connection>& connection() {
      return session_.connection;
    }
    absl::Time& planned() { return session_.planned; }

   private:
    ConnectionPool* pool_;
    Session session_;
  };

  explicit ConnectionPool(Options options);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // A connection, open or not yet. Blocks until one is free: kOverloaded when
  // none was in time, kDeadlineExceeded when `deadline` is past already.
  absl::StatusOr<Lease> Acquire(absl::Time deadline);

  // Closes every connection that nobody holds: after one was found broken,
  // the others are likely to be.
  void CloseIdle();

  // The url with the timeouts of the options, as it is now. kMisconfigured when
  // it cannot be read.
  absl::StatusOr<std::string> Address() const;

  StoreEvents& events() { return events_; }

 private:
  bool HasFree() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return in_use_ < options_.max_connections;
  }
  absl::StatusOr<Session> Take(absl::Time deadline);
  void GiveBack(Session session);

  const Options options_;
  NoStoreEvents nobody_;
  StoreEvents& events_;
  absl::Mutex mutex_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Session> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_CONNECTION_POOL_H_
