// How many threads take registrars' requests on their way. Few, so that batches
// are large; as many as there are processors, since a batch computes on one.
#ifndef SERVICES_MASAD_GATHERING_OPTIONS_H_
#define SERVICES_MASAD_GATHERING_OPTIONS_H_

#include <algorithm>
#include <string>
#include <thread>

#include "services/executor/batch_executor.h"

namespace masa::masad {

// At least two threads: one computes while another waits for the database.
inline BatchExecutorOptions GatheringOptions(const std::string& name) {
  constexpr int kFewest = 2;
  return {.name = name,
          .threads = std::max(
              kFewest, static_cast<int>(std::thread::hardware_concurrency()))};
}

}  // namespace masa::masad

#endif  // SERVICES_MASAD_GATHERING_OPTIONS_H_
