#include "services/edge/connection_registry.h"

#include <vector>

namespace masa::edge {

bool ConnectionRegistry::Add(const std::shared_ptr<Connection>& connection) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || connections_.size() >= limit_) {
    return false;
  }
  connections_.emplace(connection.get(), connection);
  return true;
}

void ConnectionRegistry::Remove(const Connection* connection) {
  absl::MutexLock lock(&mutex_);
  connections_.erase(connection);
}

void ConnectionRegistry::CloseAndVisit(
    const std::function<void(Connection&)>& visit) {
  // Visited outside the lock: dropping the last reference calls Remove.
  std::vector<std::shared_ptr<Connection>> open;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    for (const auto& [pointer, weak] : connections_) {
      if (auto connection = weak.lock()) {
        open.push_back(std::move(connection));
      }
    }
  }
  for (const auto& connection : open) {
    visit(*connection);
  }
}

bool ConnectionRegistry::WaitUntilEmpty(absl::Duration time) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(
      absl::Condition(this, &ConnectionRegistry::IsEmpty), time);
}

}  // namespace masa::edge
