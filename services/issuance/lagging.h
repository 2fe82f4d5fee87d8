// A value that is read from the store again and again, and may be five seconds
// old (architecture section 5): tenants and products, versions of keys.
#ifndef SERVICES_ISSUANCE_LAGGING_H_
#define SERVICES_ISSUANCE_LAGGING_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "services/executor/mutex.h"
#include "services/observe/cache_counts.h"
#include "services/observe/clock.h"
#include "services/observe/request_context.h"
#include "services/status/reason.h"

namespace masa::issuance {

// Thread-safe.
template <typename Value>
class Lagging {
 public:
  using Read = std::function<absl::StatusOr<Value>(const RequestContext&)>;

  // What `read` looks at, and the clock, outlive this.
  Lagging(Read read, const Clock& clock)
      : read_(std::move(read)), clock_(clock) {}

  // A value of at most five seconds. One caller reads when four have passed,
  // while the others go on; those who have to wait for it share its answer, so
  // that nobody queues for a store that hangs.
  absl::StatusOr<std::shared_ptr<const Value>> Current(
      const RequestContext& context) {
    {
      MutexLock lock(mutex_);
      const int64_t reads_before = reads_;
      for (bool first = true;; first = false) {
        auto value = Usable();
        if (first) {
          counts_.Asked(value != nullptr);
        }
        if (value != nullptr) {
          return value;
        }
        if (reads_ != reads_before && !newest_.ok()) {
          return newest_;
        }
        if (!reading_) {
          break;
        }
        came_.Wait(mutex_);
      }
      reading_ = true;
    }
    // What was read may be as old as the question.
    const absl::Time begun = clock_.Now();
    auto value = read_(context);
    MutexLock lock(mutex_);
    newest_ = value.status();
    if (value.ok()) {
      value_ = std::make_shared<const Value>(*std::move(value));
      read_at_ = begun;
    }
    ++reads_;
    const auto usable = Usable();  // an old one is of use for a while
    if (usable == nullptr && newest_.ok()) {
      newest_ = Refuse(Reason::kStoreUnavailable, "the store answers too late");
    }
    reading_ = false;
    came_.NotifyAll();
    if (usable == nullptr) {
      return newest_;
    }
    return usable;
  }

  // A hit is who neither reads nor waits.
  const CacheCounts& counts() const { return counts_; }

 private:
  // The value if it is young enough; a little longer while it is read anew.
  std::shared_ptr<const Value> Usable() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    constexpr absl::Duration kMaxAge = absl::Seconds(5);
    constexpr absl::Duration kReadAgain = absl::Seconds(4);
    const absl::Duration age = clock_.Now() - read_at_;
    const bool usable =
        age >= absl::ZeroDuration() && age < (reading_ ? kMaxAge : kReadAgain);
    return usable ? value_ : nullptr;
  }

  const Read read_;
  const Clock& clock_;
  CacheCounts counts_;
  Mutex mutex_;
  Condition came_;  // a reader has come back
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const Value> value_ ABSL_GUARDED_BY(mutex_);
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t reads_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status newest_ ABSL_GUARDED_BY(mutex_);  // of the newest read
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_LAGGING_H_
