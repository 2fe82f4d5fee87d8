// A time by which something has to have happened: moved with every request and
// hardly ever reached. So moving it onwards is an assignment, and a timer of
// the event loop looks only when an earlier time has come.
#ifndef SERVICES_EDGE_DEADLINE_H_
#define SERVICES_EDGE_DEADLINE_H_

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>  // Asio 1.74 forgets it under C++20.

#include "absl/time/time.h"

namespace masa::edge {

// Not thread-safe: belongs to the one thread of its event loop.
class Deadline {
 public:
  using Loop = boost::asio::io_context::executor_type;

  // `passed` is called in the loop, each time that a time which was set passes.
  Deadline(const Loop& loop, std::function<void()> passed)
      : passed_(std::move(passed)), timer_(loop) {}

  // `time` from now; never, when it is infinite. `owner` holds this: once it
  // is gone, nothing is called.
  void Set(absl::Duration time, std::weak_ptr<void> owner);

 private:
  using Clock = std::chrono::steady_clock;
  using Timer =
      boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                        Loop>;

  void Arm(std::weak_ptr<void> owner);
  void Look(std::weak_ptr<void> owner);

  const std::function<void()> passed_;
  Timer timer_;
  Clock::time_point time_ = Clock::time_point::max();
  Clock::time_point armed_ = Clock::time_point::max();  // the timer's
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_DEADLINE_H_
