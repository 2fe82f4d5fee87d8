// How late an event loop runs what is due: a timer of the loop that looks by
// how much later it runs than it should. A handler that takes long, or more of
// them than the loop can run, shows here before clients see it.
#ifndef SERVICES_EXECUTOR_LOOP_LAG_H_
#define SERVICES_EXECUTOR_LOOP_LAG_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <utility>  // Asio 1.74 forgets it under C++20.

#include "absl/time/time.h"

namespace masa {

// Measures from construction until its loop is stopped. Destroyed after the
// loop is stopped and before it is destroyed.
class LoopLag {
 public:
  // What time it is, by the clock of the timer.
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // Tells `tell`, each `period`, how late it was run, at least zero. `tell`
  // runs on a thread of the loop and does not block.
  LoopLag(boost::asio::io_context& loop, absl::Duration period,
          std::function<void(absl::Duration lag)> tell,
          Now now = std::chrono::steady_clock::now);
  LoopLag(const LoopLag&) = delete;
  LoopLag& operator=(const LoopLag&) = delete;

 private:
  void Wait();

  const absl::Duration period_;
  const std::function<void(absl::Duration lag)> tell_;
  const Now now_;
  boost::asio::steady_timer timer_;
};

}  // namespace masa

#endif  // SERVICES_EXECUTOR_LOOP_LAG_H_
