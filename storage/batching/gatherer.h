// Gathers single items from many callers into batches: what arrives while the
// previous batch is in flight goes into the next. A caller that is alone never
// waits for others, and runs its batch itself; when it is done, one of those
// who came meanwhile runs theirs. A second batch goes beside one in flight when
// it is worth its own statement, or when somebody has waited long enough.
#ifndef STORAGE_BATCHING_GATHERER_H_
#define STORAGE_BATCHING_GATHERER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/executor/mutex.h"
#include "services/observe/request_context.h"
#include "services/status/reason.h"

namespace masa::storage {

struct GathererOptions {
  size_t most_items = 256;                 // in one batch
  size_t most_waiting = 4096;              // beyond: kOverloaded
  int most_in_flight = 2;                  // batches
  size_t worthwhile = 64;                  // items of a batch beside another
  std::chrono::milliseconds patience{10};  // of a caller behind another batch
};

// Thread-safe. Items and answers are values. Nobody waits in it when it goes.
template <typename Item, typename Answer>
class Gatherer {
 public:
  // Answers each item of a batch, in order. Called from one caller's thread,
  // with the latest deadline of those who wait for the batch: it is worth its
  // statement while any of them does.
  using RunBatch = std::function<std::vector<absl::StatusOr<Answer>>(
      const RequestContext& context, std::vector<Item> items)>;

  Gatherer(GathererOptions options, RunBatch run)
      : options_(options), run_(std::move(run)) {}
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  // Blocks until every item is answered; all or none are taken.
  std::vector<absl::StatusOr<Answer>> Run(const RequestContext& context,
                                          std::vector<Item> items) {
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
      waiting_.push_back(
          Waiting{std::move(items[i]), context.deadline, &call, i});
    }
    bool patient = true;
    while (call.missing > 0) {
      if (MayLead(patient)) {
        Lead();
      } else if (patient) {
        patient = call.changed.WaitFor(mutex_, options_.patience);
      } else {
        call.changed.Wait(mutex_);
      }
    }
    return std::move(call.answers);
  }

 private:
  struct Call {
    explicit Call(size_t count)
        : answers(count, absl::UnknownError("unanswered")), missing(count) {}
    std::vector<absl::StatusOr<Answer>> answers;
    size_t missing;
    Condition changed;  // nothing is missing any more, or it may lead
  };
  struct Waiting {
    Item item;
    absl::Time deadline;
    Call* call;
    size_t index;
  };

  bool MayLead(bool patient) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() && in_flight_ < options_.most_in_flight &&
           (in_flight_ == 0 || !patient ||
            waiting_.size() >= options_.worthwhile);
  }

  // Runs one batch, the lock not held meanwhile, then lets another caller lead.
  void Lead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    RequestContext context;
    context.deadline = absl::InfinitePast();
    std::vector<Item> items;
    std::vector<std::pair<Call*, size_t>> callers;
    const size_t count = std::min(waiting_.size(), options_.most_items);
    for (size_t i = 0; i < count; ++i) {
      Waiting& next = waiting_.front();
      context.deadline = std::max(context.deadline, next.deadline);
      items.push_back(std::move(next.item));
      callers.emplace_back(next.call, next.index);
      waiting_.pop_front();
    }
    ++in_flight_;
    mutex_.Unlock();
    auto answers = run_(context, std::move(items));
    mutex_.Lock();
    --in_flight_;
    for (size_t i = 0; i < callers.size(); ++i) {
      Call& call = *callers[i].first;
      call.answers[callers[i].second] = std::move(answers[i]);
      // Under the lock: the caller's Call is gone once it sees zero.
      if (--call.missing == 0) {
        call.changed.NotifyOne();
      }
    }
    if (!waiting_.empty()) {
      waiting_.front().call->changed.NotifyOne();
    }
  }

  const GathererOptions options_;
  const RunBatch run_;
  Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_BATCHING_GATHERER_H_
