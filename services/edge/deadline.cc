#include "services/edge/deadline.h"

#include <boost/system/error_code.hpp>

namespace masa::edge {

void Deadline::Set(absl::Duration time, std::weak_ptr<void> owner) {
  if (time == absl::InfiniteDuration()) {
    time_ = Clock::time_point::max();
    return;
  }
  time_ = Clock::now() + absl::ToChronoNanoseconds(time);
  if (time_ < armed_) {
    Arm(std::move(owner));
  }
}

void Deadline::Arm(std::weak_ptr<void> owner) {
  armed_ = time_;
  timer_.expires_at(armed_);
  timer_.async_wait(
      [this, owner = std::move(owner)](boost::system::error_code stopped) {
        const std::shared_ptr<void> alive = owner.lock();
        if (!stopped && alive != nullptr) {
          Look(owner);
        }
      });
}

void Deadline::Look(std::weak_ptr<void> owner) {
  const Clock::time_point now = Clock::now();
  if (now < armed_) {
    return;  // armed anew while this was on its way
  }
  armed_ = Clock::time_point::max();
  if (now < time_) {
    if (time_ != Clock::time_point::max()) {
      Arm(std::move(owner));
    }
    return;
  }
  time_ = Clock::time_point::max();
  passed_();
}

}  // namespace masa::edge
