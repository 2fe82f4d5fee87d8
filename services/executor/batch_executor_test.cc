#include "services/executor/batch_executor.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/executor/mutex.h"

namespace masa {
namespace {

// Keeps every batch, and holds each until as many are let go. Ours is the
// mutex, because the thread sanitizer does not see into the packaged one.
class Batches {
 public:
  void Run(std::vector<int> items) {
    MutexLock lock(mutex_);
    batches_.push_back(std::move(items));
    changed_.NotifyAll();
    const size_t number = batches_.size();
    while (number > released_) {
      changed_.Wait(mutex_);
    }
  }
  void WaitForNumber(size_t number) {
    MutexLock lock(mutex_);
    while (batches_.size() < number) {
      changed_.Wait(mutex_);
    }
  }
  void Release(size_t batches) {
    MutexLock lock(mutex_);
    released_ = batches;
    changed_.NotifyAll();
  }
  std::vector<std::vector<int>> batches() {
    MutexLock lock(mutex_);
    return batches_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<std::vector<int>> batches_ ABSL_GUARDED_BY(mutex_);
  size_t released_ ABSL_GUARDED_BY(mutex_) = 0;
};

constexpr size_t kAll = 1000;

bool Submit(BatchExecutor<int>& executor, int item) {
  return executor.TrySubmit(item);
}

TEST(BatchExecutor, TakesTogetherWhatCameMeanwhileInOrderUpToItsBound) {
  Batches batches;
  BatchExecutor<int> executor({"b", 1, 16, 3}, [&](std::vector<int> items) {
    batches.Run(std::move(items));
  });
  ASSERT_TRUE(Submit(executor, 1));
  batches.WaitForNumber(1);
  for (int item = 2; item <= 6; ++item) {
    ASSERT_TRUE(Submit(executor, item));
  }
  batches.Release(kAll);
  executor.Drain();
  EXPECT_EQ(batches.batches(),
            (std::vector<std::vector<int>>{{1}, {2, 3, 4}, {5, 6}}));
}

// One thread of two is held at work; with such patience time decides nothing.
constexpr std::chrono::hours kForever{1};

TEST(BatchExecutor, WaitsForEnoughWhileAnotherThreadIsAtWork) {
  // A thread that did not wait would seldom be quick enough to show it.
  for (int round = 0; round < 200; ++round) {
    Batches batches;
    BatchExecutor<int> executor(
        {"b", 2, 16, 8, 3, kForever},
        [&](std::vector<int> items) { batches.Run(std::move(items)); });
    ASSERT_TRUE(Submit(executor, 1));
    batches.WaitForNumber(1);
    for (int item = 2; item <= 4; ++item) {
      ASSERT_TRUE(Submit(executor, item));
      std::this_thread::yield();
    }
    batches.WaitForNumber(2);
    batches.Release(kAll);
    executor.Drain();
    ASSERT_EQ(batches.batches(),
              (std::vector<std::vector<int>>{{1}, {2, 3, 4}}));
  }
}

TEST(BatchExecutor, WhoIsDoneTakesWhatAnotherWaitsToGather) {
  Batches batches;
  BatchExecutor<int> executor(
      {"b", 2, 16, 8, 4, kForever},
      [&](std::vector<int> items) { batches.Run(std::move(items)); });
  ASSERT_TRUE(Submit(executor, 1));
  batches.WaitForNumber(1);
  ASSERT_TRUE(Submit(executor, 2));
  batches.Release(1);
  batches.WaitForNumber(2);
  batches.Release(kAll);
}

TEST(BatchExecutor, ItsPatienceEndsWhileAnotherThreadIsAtWork) {
  Batches batches;
  BatchExecutor<int> executor(
      {"b", 2, 16, 8, 3, std::chrono::milliseconds(1)},
      [&](std::vector<int> items) { batches.Run(std::move(items)); });
  ASSERT_TRUE(Submit(executor, 1));
  batches.WaitForNumber(1);
  ASSERT_TRUE(Submit(executor, 2));
  batches.WaitForNumber(2);
  batches.Release(kAll);
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
