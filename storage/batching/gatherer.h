// Gathers single items from many callers into batches: what arrives while the
// previous batch is in flight goes into the next. A caller that is alone never
// waits for others. A second batch goes beside one in flight when it is worth
// its own statement, or when somebody has waited long enough.
#ifndef STORAGE_BATCHING_GATHERER_H_
#define STORAGE_BATCHING_GATHERER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "services/executor/mutex.h"
#include "services/status/reason.h"

namespace masa::storage {

struct GathererOptions {
  size_t most_items = 256;                 // in one batch
  size_t most_waiting = 4096;              // beyond: kOverloaded
  int workers = 2;                         // batches in flight at once
  size_t worthwhile = 64;                  // items of a batch beside another
  std::chrono::milliseconds patience{10};  // of a caller behind another batch
};

// Thread-safe. Items and answers are values. The destructor answers what
// waits, then joins its threads.
template <typename Item, typename Answer>
class Gatherer {
 public:
  // Answers each item of a batch, in order. Called from the workers' threads.
  using RunBatch = std::function<std::vector<absl::StatusOr<Answer>>(
      const std::vector<Item>& items)>;

  Gatherer(GathererOptions options, RunBatch run)
      : options_(options), run_(std::move(run)) {
    for (int i = 0; i < options_.workers; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  }

  ~Gatherer() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      came_.NotifyAll();
    }
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }

  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  // Blocks until every item is answered; all or none are taken.
  std::vector<absl::StatusOr<Answer>> Run(std::vector<Item> items) {
    const size_t count = items.size();
    Call call(count);
    if (count == 0) {
      return std::move(call.answers);
    }
    MutexLock lock(mutex_);
    if (waiting_.size() + count > options_.most_waiting) {
      return std::vector<absl::StatusOr<Answer>>(
          count, Refuse(Reason::kOverloaded,
                        "the database has too much to do; retry"));
    }
    for (size_t i = 0; i < count; ++i) {
      waiting_.push_back(Waiting{std::move(items[i]), &call, i});
    }
    if (MayTake()) {
      came_.NotifyOne();
    }
    if (call.missing > 0) {
      call.answered.WaitFor(mutex_, options_.patience);
    }
    if (call.missing > 0 && !waiting_.empty()) {
      impatient_ = true;
      came_.NotifyOne();
    }
    while (call.missing > 0) {
      call.answered.Wait(mutex_);
    }
    return std::move(call.answers);
  }

 private:
  struct Call {
    explicit Call(size_t count)
        : answers(count, absl::UnknownError("unanswered")), missing(count) {}
    std::vector<absl::StatusOr<Answer>> answers;
    size_t missing;
    Condition answered;  // nothing is missing any more
  };
  struct Waiting {
    Item item;
    Call* call;
    size_t index;
  };

  bool MayTake() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() && (in_flight_ == 0 || impatient_ || stopping_ ||
                                 waiting_.size() >= options_.worthwhile);
  }

  void Work() {
    for (;;) {
      std::vector<Item> items;
      std::vector<std::pair<Call*, size_t>> callers;
      {
        MutexLock lock(mutex_);
        while (!MayTake() && !(stopping_ && waiting_.empty())) {
          came_.Wait(mutex_);
        }
        if (waiting_.empty()) {
          return;
        }
        const size_t count = std::min(waiting_.size(), options_.most_items);
        for (size_t i = 0; i < count; ++i) {
          Waiting& next = waiting_.front();
          items.push_back(std::move(next.item));
          callers.emplace_back(next.call, next.index);
          waiting_.pop_front();
        }
        impatient_ = false;
        ++in_flight_;
      }
      auto answers = run_(items);
      MutexLock lock(mutex_);
      --in_flight_;
      for (size_t i = 0; i < callers.size(); ++i) {
        Call& call = *callers[i].first;
        call.answers[callers[i].second] = std::move(answers[i]);
        // Under the lock: the caller's Call is gone once it sees zero.
        if (--call.missing == 0) {
          call.answered.NotifyOne();
        }
      }
    }
  }

  const GathererOptions options_;
  const RunBatch run_;
  Mutex mutex_;
  Condition came_;  // items came, or the end did
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // Somebody has waited for longer than a batch takes.
  bool impatient_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

}  // namespace masa::storage

#endif  // STORAGE_BATCHING_GATHERER_H_
