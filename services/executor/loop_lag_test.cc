#include "services/executor/loop_lag.h"

#include <algorithm>
#include <chrono>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "services/executor/event_loop.h"

namespace masa {
namespace {

// Keeps how often it was told, and the shortest lag.
class Heard {
 public:
  void Tell(absl::Duration lag) {
    absl::MutexLock lock(&mutex_);
    ++times_;
    shortest_ = std::min(shortest_, lag);
  }
  // Waits, in seconds at most.
  bool Times(int times) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&] { return times_ >= times; };
    return mutex_.AwaitWithTimeout(absl::Condition(&told), absl::Seconds(20));
  }
  absl::Duration shortest() {
    absl::MutexLock lock(&mutex_);
    return shortest_;
  }

 private:
  absl::Mutex mutex_;
  int times_ = 0;
  absl::Duration shortest_ = absl::InfiniteDuration();
};

TEST(LoopLag, IsToldAgainAndAgain) {
  Heard heard;
  EventLoop loop("loop", 1);
  LoopLag lag(loop.context(), absl::Milliseconds(1),
              [&](absl::Duration late) { heard.Tell(late); });
  EXPECT_TRUE(heard.Times(3));
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
  EXPECT_TRUE(heard.Times(2));
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
