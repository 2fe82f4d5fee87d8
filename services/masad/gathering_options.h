// How calls that come together go together. Few threads, so that batches are
// large; as many as there are processors, since a batch computes on one. While
// one is computed the next one gathers, until waiting would be felt.
#ifndef SERVICES_MASAD_GATHERING_OPTIONS_H_
#define SERVICES_MASAD_GATHERING_OPTIONS_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

#include "services/executor/batch_executor.h"

namespace masa::masad {

// For calls that end with a signature. At least two threads: one computes while
// another waits for the database. A batch has at most so many items, and so
// many wait.
inline BatchExecutorOptions GatheringOptions(const std::string& name,
                                             size_t most_items = 64,
                                             size_t queue_limit = 1024) {
  constexpr int kFewest = 2;
  return {.name = name,
          .threads = std::max(
              kFewest, static_cast<int>(std::thread::hardware_concurrency())),
          .queue_limit = queue_limit,
          .most_items = most_items,
          .enough_items = 32,
          .patience = std::chrono::microseconds(500)};
}

// For calls that only look something up, which is cheap in large batches alone.
inline BatchExecutorOptions ReadingOptions(const std::string& name) {
  BatchExecutorOptions options = GatheringOptions(name);
  options.patience = std::chrono::microseconds(2000);
  return options;
}

}  // namespace masa::masad

#endif  // SERVICES_MASAD_GATHERING_OPTIONS_H_
