// Ctrl-C as a call instead of an end, for commands that run until they are
// told to stop.
#ifndef SERVICES_MASACTL_INTERRUPT_H_
#define SERVICES_MASACTL_INTERRUPT_H_

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace masa::masactl {

// One at a time in a process. SIGINT and SIGTERM end nothing while it lives.
class Interrupt {
 public:
  // Calls `act` once, on a thread of its own, when one of them comes. Threads
  // that are to leave the signals to it are started afterwards.
  explicit Interrupt(std::function<void()> act);
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

 private:
  sigset_t signals_;
  sigset_t before_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_INTERRUPT_H_
