#include "services/executor/loop_lag.h"

#include <algorithm>
#include <chrono>

namespace masa {

LoopLag::LoopLag(boost::asio::io_context& loop, absl::Duration period,
                 std::function<void(absl::Duration lag)> tell, Now now)
    : period_(period),
      tell_(std::move(tell)),
      now_(std::move(now)),
      timer_(loop) {
  Wait();
}

// From now and not from when it was due: what is late is not run twice to catch
// up.
void LoopLag::Wait() {
  timer_.expires_after(absl::ToChronoNanoseconds(period_));
  timer_.async_wait([this](const boost::system::error_code& stopped) {
    if (stopped) {
      return;
    }
    const absl::Duration lag = absl::FromChrono(now_() - timer_.expiry());
    tell_(std::max(lag, absl::ZeroDuration()));
    Wait();
  });
}

}  // namespace masa
