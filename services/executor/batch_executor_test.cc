#include "services/executor/batch_executor.h"

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace masa {
namespace {

// Keeps every batch; the first waits until it is let go.
class Batches {
 public:
  void Run(std::vector<int> items) {
    {
      absl::MutexLock lock(&mutex_);
      batches_.push_back(std::move(items));
    }
    began_.HasBeenNotified() ? void() : began_.Notify();
    released_.WaitForNotification();
  }
  void WaitForTheFirst() { began_.WaitForNotification(); }
  void Release() { released_.Notify(); }
  std::vector<std::vector<int>> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::vector<int>> batches_;
  absl::Notification began_;
  absl::Notification released_;
};

bool Submit(BatchExecutor<int>& executor, int item) {
  return executor.TrySubmit(item);
}

TEST(BatchExecutor, TakesTogetherWhatCameMeanwhileInOrderUpToItsBound) {
  Batches batches;
  BatchExecutor<int> executor({"b", 1, 16, 3}, [&](std::vector<int> items) {
    batches.Run(std::move(items));
  });
  ASSERT_TRUE(Submit(executor, 1));
  batches.WaitForTheFirst();
  for (int item = 2; item <= 6; ++item) {
    ASSERT_TRUE(Submit(executor, item));
  }
  batches.Release();
  executor.Drain();
  EXPECT_EQ(batches.batches(),
            (std::vector<std::vector<int>>{{1}, {2, 3, 4}, {5, 6}}));
}

TEST(BatchExecutor, SaysNoWhenItIsFullAndLeavesTheItem) {
  absl::Notification began, released;
  BatchExecutor<std::unique_ptr<int>> executor(
      {"b", 1, 1, 8}, [&](std::vector<std::unique_ptr<int>>) {
        began.HasBeenNotified() ? void() : began.Notify();
        released.WaitForNotification();
      });
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  auto third = std::make_unique<int>(3);
  ASSERT_TRUE(executor.TrySubmit(first));
  began.WaitForNotification();
  ASSERT_TRUE(executor.TrySubmit(second));
  EXPECT_FALSE(executor.TrySubmit(third));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(*third, 3);
  released.Notify();
}

TEST(BatchExecutor, DrainRunsWhatWasAcceptedAndThenRefuses) {
  std::atomic<int> done = 0;
  BatchExecutor<int> executor({"b", 2, 64, 4}, [&](std::vector<int> items) {
    done += static_cast<int>(items.size());
  });
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Submit(executor, i));
  }
  executor.Drain();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(Submit(executor, 51));
  executor.Drain();
}

}  // namespace
}  // namespace masa
