#include "services/executor/kernel_clock.h"

#include <sys/timex.h>

namespace masa {

bool KernelClockIsSynchronised() {
  constexpr long kMostErrorMicroseconds = 1'000'000;
  timex state = {};  // modes 0: reads only, which anyone may
  return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0 &&
         state.maxerror < kMostErrorMicroseconds;
}

}  // namespace masa
