// The time, as a parameter. Thread-safe.
#ifndef SERVICES_OBSERVE_CLOCK_H_
#define SERVICES_OBSERVE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace masa {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_CLOCK_H_
