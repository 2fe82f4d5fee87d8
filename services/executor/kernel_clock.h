// What the kernel knows of its clock: whether a time service keeps it, as
// chrony, ntpd and systemd-timesyncd tell it.
#ifndef SERVICES_EXECUTOR_KERNEL_CLOCK_H_
#define SERVICES_EXECUTOR_KERNEL_CLOCK_H_

namespace masa {

// True when the clock is synchronised, to within a second by its own word.
// Thread-safe.
bool KernelClockIsSynchronised();

}  // namespace masa

#endif  // SERVICES_EXECUTOR_KERNEL_CLOCK_H_
