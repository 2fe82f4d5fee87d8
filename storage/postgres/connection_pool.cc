#include "storage/postgres/connection_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/status/reason.h"

namespace masa::storage {
namespace {

std::string AddressOf(const ConnectionPool::Options& options) {
  const auto connect_seconds = std::max<int64_t>(
      2, absl::ToInt64Seconds(options.connect_timeout));  // libpq's least
  const int64_t millis = absl::ToInt64Milliseconds(options.statement_timeout);
  if (absl::StartsWith(options.url, "postgres://") ||
      absl::StartsWith(options.url, "postgresql://")) {
    const char* separator = absl::StrContains(options.url, "?") ? "&" : "?";
    return absl::StrCat(
        options.url, separator, "connect_timeout=", connect_seconds,
        "&tcp_user_timeout=", millis, "&options=-c%20statement_timeout%3D",
        millis, "%20-c%20client_min_messages%3Dwarning",
        options.role.empty() ? "" : "%20-c%20role%3D", options.role);
  }
  return absl::StrCat(
      options.url, " connect_timeout=", connect_seconds,
      " tcp_user_timeout=", millis, " options='-c statement_timeout=", millis,
      " -c client_min_messages=warning",
      options.role.empty() ? "" : " -c role=", options.role, "'");
}

}  // namespace

ConnectionPool::Lease::Lease(ConnectionPool* pool,
                             std::unique_ptr<pqxx::connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

ConnectionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      connection_(std::move(other.connection_)) {}

ConnectionPool::Lease::~Lease() {
  if (pool_ != nullptr) {
    pool_->GiveBack(std::move(connection_));
  }
}

ConnectionPool::ConnectionPool(Options options)
    : options_(std::move(options)), address_(AddressOf(options_)) {}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire(
    absl::Time deadline) {
  const absl::Time now = absl::Now();
  if (deadline <= now) {
    return Refuse(Reason::kDeadlineExceeded, "the deadline has passed");
  }
  std::unique_ptr<pqxx::connection> connection;
  {
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithDeadline(
            absl::Condition(this, &ConnectionPool::HasFree),
            std::min(deadline, now + options_.longest_wait))) {
      return Refuse(Reason::kOverloaded, "no database connection is free");
    }
    ++in_use_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  return Lease(this, std::move(connection));
}

void ConnectionPool::CloseIdle() {
  std::vector<std::unique_ptr<pqxx::connection>> closed;
  absl::MutexLock lock(&mutex_);
  closed.swap(idle_);
}

void ConnectionPool::GiveBack(std::unique_ptr<pqxx::connection> connection) {
  const bool usable = connection != nullptr && connection->is_open();
  absl::MutexLock lock(&mutex_);
  --in_use_;
  if (usable) {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace masa::storage
