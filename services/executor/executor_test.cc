#include "services/executor/executor.h"

#include <pthread.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace masa {
namespace {

// Occupies every thread of an executor until it is released.
class Blockade {
 public:
  Blockade(Executor& executor, int threads) {
    for (int i = 0; i < threads; ++i) {
      auto running = std::make_shared<absl::Notification>();
      EXPECT_TRUE(executor.TrySubmit([running, released = released_] {
        running->Notify();
        released->WaitForNotification();
      }));
      running->WaitForNotification();
    }
  }
  void Release() { released_->Notify(); }

 private:
  // A thread may be waking up from it when this is gone.
  const std::shared_ptr<absl::Notification> released_ =
      std::make_shared<absl::Notification>();
};

TEST(Executor, RunsWhatItTakesOnNamedThreads) {
  std::string name;
  {
    Executor executor({.name = "sql", .threads = 1, .queue_limit = 4});
    ASSERT_TRUE(executor.TrySubmit([&name] {
      char buffer[16] = {};
      pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
      name = buffer;
    }));
  }
  EXPECT_EQ(name, "sql-0");
}

TEST(Executor, SaysNoWhenThreadsAreBusyAndTheQueueIsFull) {
  struct Case {
    int threads;
    size_t queue_limit;
  };
  for (const Case& c : {Case{1, 0}, Case{1, 3}, Case{3, 0}, Case{2, 5}}) {
    Executor executor({"full", c.threads, c.queue_limit});
    Blockade blockade(executor, c.threads);
    for (size_t i = 0; i < c.queue_limit; ++i) {
      EXPECT_TRUE(executor.TrySubmit([] {})) << c.queue_limit;
    }
    EXPECT_FALSE(executor.TrySubmit([] {})) << c.queue_limit;
    blockade.Release();
  }
}

TEST(Executor, DrainRunsWhatWasAcceptedAndThenRefuses) {
  std::atomic<int> done = 0;
  Executor executor({"drain", 2, 16});
  Blockade blockade(executor, 2);
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(executor.TrySubmit([&done] { ++done; }));
  }
  blockade.Release();
  executor.Drain();
  EXPECT_EQ(done, 16);
  EXPECT_FALSE(executor.TrySubmit([&done] { ++done; }));
  executor.Drain();
  EXPECT_EQ(done, 16);
}

TEST(Executor, ATaskMaySubmitAnother) {
  absl::Notification second;
  Executor executor({"chain", 1, 1});
  ASSERT_TRUE(executor.TrySubmit([&] {
    EXPECT_TRUE(executor.TrySubmit([&second] { second.Notify(); }));
  }));
  second.WaitForNotification();
}

TEST(Executor, ReleasesWhatATaskHolds) {
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  Executor executor({"release", 1, 1});
  ASSERT_TRUE(executor.TrySubmit([held = std::move(held)] {}));
  executor.Drain();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace masa
