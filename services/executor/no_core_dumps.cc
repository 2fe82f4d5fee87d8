#include "services/executor/no_core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace masa {

bool ForbidCoreDumps() {
  // A core_pattern that is a pipe heeds no limit, but asks whether the process
  // can be dumped.
  const rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 &&
         prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace masa
