// A fixed number of threads behind a bounded queue, like Executor, but each
// takes its fair part of all that waits at once: what is dear per turn (a
// statement, a commit, a wake-up) is shared, and batches grow with the load. An
// item that comes while no other is worked on never waits for more.
#ifndef SERVICES_EXECUTOR_BATCH_EXECUTOR_H_
#define SERVICES_EXECUTOR_BATCH_EXECUTOR_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/executor/thread_name.h"

namespace masa {

struct BatchExecutorOptions {
  std::string name = "batches";  // threads are called name-0, name-1, ...
  int threads = 2;               // at least 1
  size_t queue_limit = 1024;     // items that may wait
  size_t most_items = 64;        // in one batch
  // A thread that finds fewer items than these, while another is at work, waits
  // so long for more.
  size_t enough_items = 1;
  std::chrono::microseconds patience{0};
};

// Thread-safe. The destructor drains: what was accepted is run.
template <typename Item>
class BatchExecutor {
 public:
  // `run` gets 1 to most_items items and throws nothing.
  BatchExecutor(BatchExecutorOptions options,
                std::function<void(std::vector<Item>)> run)
      : options_(std::move(options)), run_(std::move(run)) {
    MutexLock lock(join_mutex_);
    for (int i = 0; i < std::max(1, options_.threads); ++i) {
      threads_.emplace_back([this, i] { Work(i); });
    }
  }
  BatchExecutor(const BatchExecutor&) = delete;
  BatchExecutor& operator=(const BatchExecutor&) = delete;
  ~BatchExecutor() { Drain(); }

  // Takes `item` when true; leaves it with the caller when the queue is full
  // or Drain has begun.
  [[nodiscard]] bool TrySubmit(Item& item) {
    bool enough;
    {
      MutexLock lock(mutex_);
      // An idle thread takes its part at once, so only the surplus waits.
      if (stopping_ || waiting_.size() >= options_.queue_limit + idle_) {
        return false;
      }
      waiting_.push_back(std::move(item));
      enough = waiting_.size() >= options_.enough_items;
    }
    // Without the mutex, which who wakes up wants first of all.
    changed_.NotifyOne();
    if (enough) {
      gathered_.NotifyOne();
    }
    return true;
  }

  // Takes no more, runs what was accepted, joins the threads. Safe to call
  // again; not from a batch.
  void Drain() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      changed_.NotifyAll();
      gathered_.NotifyAll();
    }
    MutexLock lock(join_mutex_);
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

 private:
  void Work(int index) {
    NameThisThread(options_.name + "-" + std::to_string(index));
    for (std::vector<Item> batch = Take(); !batch.empty(); batch = Take()) {
      run_(std::move(batch));
    }
  }

  // Waits for work; empty when there will be none.
  std::vector<Item> Take() {
    MutexLock lock(mutex_);
    ++idle_;
    do {
      while (!stopping_ && waiting_.empty()) {
        changed_.Wait(mutex_);
      }
      Gather();
    } while (!stopping_ && waiting_.empty());
    // The other idle threads are awake, or soon will be, for the rest.
    const size_t takers = idle_ - patient_;
    const size_t part = (waiting_.size() + takers - 1) / takers;
    --idle_;
    std::vector<Item> batch;
    for (size_t i = 0; i < std::min(part, options_.most_items); ++i) {
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return batch;
  }

  // Lets more come while another thread is at work. That one may be done sooner
  // and take them.
  void Gather() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + options_.patience;
    ++patient_;
    while (!stopping_ && !waiting_.empty() &&
           waiting_.size() < options_.enough_items &&
           idle_ < static_cast<size_t>(options_.threads) &&
           Clock::now() < end) {
      gathered_.WaitFor(mutex_, end - Clock::now());
    }
    --patient_;
  }

  const BatchExecutorOptions options_;
  const std::function<void(std::vector<Item>)> run_;
  Mutex mutex_;
  Condition changed_;   // work came, or the end did
  Condition gathered_;  // enough came, or the end did
  std::deque<Item> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;     // threads that wait for work
  size_t patient_ ABSL_GUARDED_BY(mutex_) = 0;  // of those, they wait for more
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace masa

#endif  // SERVICES_EXECUTOR_BATCH_EXECUTOR_H_
