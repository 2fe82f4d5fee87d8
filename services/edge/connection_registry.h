// The connections that are open, so that a drain can reach each of them and
// know when the last is gone.
#ifndef SERVICES_EDGE_CONNECTION_REGISTRY_H_
#define SERVICES_EDGE_CONNECTION_REGISTRY_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace masa::edge {

class Connection;

// Thread-safe. Holds no connection alive.
class ConnectionRegistry {
 public:
  explicit ConnectionRegistry(size_t limit) : limit_(limit) {}

  // False when the limit is reached or Close was called; then the caller drops
  // the connection.
  bool Add(const std::shared_ptr<Connection>& connection);

  // Called by the connection's destructor; unknown ones are ignored.
  void Remove(const Connection* connection);

  // Takes no more connections, and calls `visit` on each that is open.
  void CloseAndVisit(const std::function<void(Connection&)>& visit);

  // True when none is open within `time`.
  bool WaitUntilEmpty(absl::Duration time);

 private:
  bool IsEmpty() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return connections_.empty();
  }

  const size_t limit_;
  absl::Mutex mutex_;
  std::map<const Connection*, std::weak_ptr<Connection>> connections_
      ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_CONNECTION_REGISTRY_H_
