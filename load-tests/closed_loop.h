// A client that has so many calls outstanding all the time: each that is
// answered is followed by the next one.
#ifndef LOAD_TESTS_CLOSED_LOOP_H_
#define LOAD_TESTS_CLOSED_LOOP_H_

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"

namespace masa {

struct LoadResult {
  double per_second = 0;  // calls; worthless where there is a fault
  double p99_ms = 0;
  std::string fault;  // of one call that was not answered well
};

// Calls of one method, spread evenly over stubs that have a connection each.
template <typename Request, typename Response>
class ClosedLoop {
 public:
  using Start = std::function<void(size_t connection, grpc::ClientContext*,
                                   const Request*, Response*,
                                   std::function<void(grpc::Status)>)>;
  // What is wrong with an answer; empty: nothing.
  using Check = std::function<std::string(const Response&)>;

  // Sends `requests` round and round; each answer is checked.
  ClosedLoop(std::vector<Request> requests, Start start, Check check)
      : requests_(std::move(requests)),
        start_(std::move(start)),
        check_(std::move(check)) {}

  LoadResult Run(size_t connections, size_t outstanding,
                 std::chrono::duration<double> time) {
    absl::BlockingCounter running(static_cast<int>(outstanding));
    const auto begin = Clock::now();
    end_ = begin + std::chrono::duration_cast<Clock::duration>(time);
    std::vector<std::unique_ptr<Slot>> slots;
    for (size_t i = 0; i < outstanding; ++i) {
      slots.push_back(std::make_unique<Slot>());
      slots.back()->connection = i % connections;
      slots.back()->next = i * 7919;
      slots.back()->done = &running;
    }
    for (auto& slot : slots) {
      Next(*slot);
    }
    running.Wait();
    const std::chrono::duration<double> took = Clock::now() - begin;
    return Sum(slots, took.count());
  }

 private:
  using Clock = std::chrono::steady_clock;
  // One of the calls that are outstanding.
  struct Slot {
    size_t connection = 0;
    size_t next = 0;
    absl::BlockingCounter* done = nullptr;
    std::optional<grpc::ClientContext> context;
    Response response;
    Clock::time_point sent;
    std::vector<float> took_ms;
    std::string fault;
  };

  void Next(Slot& slot) {
    slot.context.emplace();
    slot.context->set_deadline(std::chrono::system_clock::now() +
                               std::chrono::seconds(30));
    slot.sent = Clock::now();
    const Request* request = &requests_[slot.next++ % requests_.size()];
    start_(slot.connection, &*slot.context, request, &slot.response,
           [this, &slot](const grpc::Status& status) { Took(slot, status); });
  }

  void Took(Slot& slot, const grpc::Status& status) {
    const auto now = Clock::now();
    const std::chrono::duration<float, std::milli> took = now - slot.sent;
    slot.took_ms.push_back(took.count());
    const std::string fault =
        status.ok() ? check_(slot.response) : status.error_message();
    if (!fault.empty()) {
      slot.fault = fault;
    }
    now < end_ ? Next(slot) : (void)slot.done->DecrementCount();
  }

  static LoadResult Sum(const std::vector<std::unique_ptr<Slot>>& slots,
                        double seconds) {
    LoadResult result;
    std::vector<float> all;
    for (const auto& slot : slots) {
      all.insert(all.end(), slot->took_ms.begin(), slot->took_ms.end());
      result.fault = slot->fault.empty() ? result.fault : slot->fault;
    }
    const size_t at = all.size() * 99 / 100;
    std::nth_element(all.begin(), all.begin() + static_cast<long>(at),
                     all.end());
    result.per_second = static_cast<double>(all.size()) / seconds;
    result.p99_ms = all[at];
    return result;
  }

  const std::vector<Request> requests_;
  const Start start_;
  const Check check_;
  Clock::time_point end_;
};

}  // namespace masa

#endif  // LOAD_TESTS_CLOSED_LOOP_H_
