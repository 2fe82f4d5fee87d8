// What the kernel knows of its clock: whether a time service keeps it, as
// chrony, ntpd and systemd-timesyncd tell it.
#ifndef SERVICES_EXECUTOR_KERNEL_CLOCK_H_
#define SERVICES_EXECUTOR_KERNEL_CLOCK_H_

#include "services/observe/clock_health.h"

namespace masa {

class KernelClock final : public ClockHealth {
 public:
  // True when the clock is synchronised, to within a second by its own word.
  bool IsSynchronised() const override;
};

}  // namespace masa

#endif  // SERVICES_EXECUTOR_KERNEL_CLOCK_H_
