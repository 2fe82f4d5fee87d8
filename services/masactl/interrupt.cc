#include "services/masactl/interrupt.h"

#include <utility>

namespace masa::masactl {

Interrupt::Interrupt(std::function<void()> act) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this, act = std::move(act)] {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (!over_) {
      act();
    }
  });
}

Interrupt::~Interrupt() {
  over_ = true;
  // Ends the wait; when it has ended already, the signal goes with the thread.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace masa::masactl
