#include "services/executor/process_memory.h"

#include <malloc.h>

namespace masa {

void KeepFreedMemory() {
  constexpr int kKept = 64 << 20;
  constexpr int kStep = 4 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_TOP_PAD, kStep);
}

}  // namespace masa
