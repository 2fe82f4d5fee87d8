#include "storage/postgres/connection_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::storage {
namespace {

// What the session begins with. Every statement is a look-up by index, which
// is planned once for many calls (RunTransaction forgets plans now and then),
// and like that while the tables are small.
std::string SettingsOf(const ConnectionPool::Options& options) {
  const int64_t millis = absl::ToInt64Milliseconds(options.statement_timeout);
  return absl::StrCat(
      "-c statement_timeout=", millis, " -c client_min_messages=warning",
      " -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off",
      " -c enable_hashjoin=off -c enable_mergejoin=off",
      options.role.empty() ? "" : " -c role=", options.role);
}

// A server that is gone without a word is found within a dozen seconds, also
// while it owes an answer and nothing of ours waits to be acknowledged.
std::string AliveSettings(int64_t millis, const char* separator) {
  return absl::StrCat("tcp_user_timeout=", millis, separator,
                      "keepalives_idle=5", separator, "keepalives_interval=2",
                      separator, "keepalives_count=3");
}

std::string AddressOf(const std::string& url,
                      const ConnectionPool::Options& options) {
  const auto connect_seconds = std::max<int64_t>(
      2, absl::ToInt64Seconds(options.connect_timeout));  // libpq's least
  const int64_t millis = absl::ToInt64Milliseconds(options.statement_timeout);
  const std::string settings = SettingsOf(options);
  if (absl::StartsWith(url, "postgres://") ||
      absl::StartsWith(url, "postgresql://")) {
    const char* separator = absl::StrContains(url, "?") ? "&" : "?";
    return absl::StrCat(
        url, separator, "connect_timeout=", connect_seconds, "&",
        AliveSettings(millis, "&"), "&options=",
        absl::StrReplaceAll(settings, {{" ", "%20"}, {"=", "%3D"}}));
  }
  return absl::StrCat(url, " connect_timeout=", connect_seconds, " ",
                      AliveSettings(millis, " "), " options='", settings, "'");
}

}  // namespace

ConnectionPool::Lease::Lease(ConnectionPool* pool, Session session)
    : pool_(pool), session_(std::move(session)) {}

ConnectionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      session_(std::move(other.session_)) {}

ConnectionPool::Lease::~Lease() {
  if (pool_ != nullptr) {
    pool_->GiveBack(std::move(session_));
  }
}

ConnectionPool::ConnectionPool(Options options)
    : options_(std::move(options)),
      events_(options_.events == nullptr ? nobody_ : *options_.events) {}

absl::StatusOr<std::string> ConnectionPool::Address() const {
  if (options_.read_url == nullptr) {
    return AddressOf(options_.url, options_);
  }
  MASA_ASSIGN_OR_RETURN(const std::string url, options_.read_url());
  return AddressOf(url, options_);
}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire(
    absl::Time deadline) {
  const absl::Time now = absl::Now();
  if (deadline <= now) {
    return Refuse(Reason::kDeadlineExceeded, "the deadline has passed");
  }
  absl::StatusOr<Session> session =
      Take(std::min(deadline, now + options_.longest_wait));
  events_.Acquired(absl::Now() - now);
  if (!session.ok()) {
    return session.status();
  }
  return Lease(this, *std::move(session));
}

absl::StatusOr<ConnectionPool::Session> ConnectionPool::Take(
    absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  events_.Connections(in_use_, ++waiting_);
  const bool free = mutex_.AwaitWithDeadline(
      absl::Condition(this, &ConnectionPool::HasFree), deadline);
  in_use_ += free ? 1 : 0;
  events_.Connections(in_use_, --waiting_);
  if (!free) {
    return Refuse(Reason::kOverloaded, "no database connection is free");
  }
  Session session;
  if (!idle_.empty()) {
    session = std::move(idle_.back());
    idle_.pop_back();
  }
  return session;
}

void ConnectionPool::CloseIdle() {
  std::vector<Session> closed;
  absl::MutexLock lock(&mutex_);
  closed.swap(idle_);
}

void ConnectionPool::GiveBack(Session session) {
  const bool usable =
      session.connection != nullptr && session.connection->is_open();
  absl::MutexLock lock(&mutex_);
  events_.Connections(--in_use_, waiting_);
  if (usable) {
    idle_.push_back(std::move(session));
  }
}

}  // namespace masa::storage
