// A clock that stands still until a test moves it. Thread-safe.
#ifndef SERVICES_TESTING_FAKE_CLOCK_H_
#define SERVICES_TESTING_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/observe/clock.h"

namespace masa::testing {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::testing

#endif  // SERVICES_TESTING_FAKE_CLOCK_H_
