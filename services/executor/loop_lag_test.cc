#include "services/executor/loop_lag.h"

#include <algorithm>
#include <chrono>

#include "absl/base/thread_annotations.h"
#include "gtest/gtest.h"
#include "services/executor/event_loop.h"
#include "services/executor/mutex.h"

namespace masa {
namespace {

// Keeps how often it was told, and the shortest lag.
class Heard {
 public:
  void Tell(absl::Duration lag) {
    MutexLock lock(mutex_);
    ++times_;
    shortest_ = std::min(shortest_, lag);
    told_.NotifyAll();
  }
  void Await(int times) {
    MutexLock lock(mutex_);
    while (times_ < times) {
      told_.Wait(mutex_);
    }
  }
  absl::Duration shortest() {
    MutexLock lock(mutex_);
    return shortest_;
  }

 private:
  Mutex mutex_;
  Condition told_;
  int times_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration shortest_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
};

TEST(LoopLag, IsToldAgainAndAgain) {
  Heard heard;
  EventLoop loop("loop", 1);
  LoopLag lag(loop.context(), absl::Milliseconds(1),
              [&](absl::Duration late) { heard.Tell(late); });
  heard.Await(3);
  EXPECT_GE(heard.shortest(), absl::ZeroDuration());
  loop.Stop();
}

// As if a handler had held the loop for an hour.
TEST(LoopLag, IsByHowMuchLaterTheTimerRunsThanItIsDue) {
  Heard heard;
  EventLoop loop("loop", 1);
  LoopLag lag(
      loop.context(), absl::Milliseconds(1),
      [&](absl::Duration late) { heard.Tell(late); },
      [] { return std::chrono::steady_clock::now() + std::chrono::hours(1); });
  heard.Await(2);
  EXPECT_GE(heard.shortest(), absl::Hours(1));
  loop.Stop();
}

TEST(LoopLag, SaysNothingOfALoopThatIsStopped) {
  Heard heard;
  EventLoop loop("loop", 1);
  loop.Stop();
  LoopLag lag(loop.context(), absl::ZeroDuration(),
              [&](absl::Duration late) { heard.Tell(late); });
  EXPECT_EQ(heard.shortest(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace masa
