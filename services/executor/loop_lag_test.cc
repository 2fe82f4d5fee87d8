#include "services/executor/loop_lag.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "services/executor/event_loop.h"

namespace masa {
namespace {

// Keeps how often it was told, and the shortest and the longest lag.
class Heard {
 public:
  void Tell(absl::Duration lag) {
    absl::MutexLock lock(&mutex_);
    ++times_;
    shortest_ = std::min(shortest_, lag);
    longest_ = std::max(longest_, lag);
  }
  // Waits, in seconds at most.
  bool Times(int times) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&] { return times_ >= times; };
    return mutex_.AwaitWithTimeout(absl::Condition(&told), absl::Seconds(20));
  }
  // Waits, in seconds at most, for one at least as long.
  bool Lag(absl::Duration lag) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&] { return longest_ >= lag; };
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
  absl::Duration longest_ = absl::ZeroDuration();
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

TEST(LoopLag, IsAsLongAsAHandlerHoldsTheLoop) {
  Heard heard;
  EventLoop loop("loop", 1);
  LoopLag lag(loop.context(), absl::Milliseconds(1),
              [&](absl::Duration late) { heard.Tell(late); });
  boost::asio::post(loop.context(), [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  });
  // Its timer was due some time within: at most a period after the handler
  // began, and what a busy machine adds makes it longer only.
  EXPECT_TRUE(heard.Lag(absl::Milliseconds(150)));
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
