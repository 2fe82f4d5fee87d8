// The limit of a mix: those of its works, put together.
#ifndef LOAD_TESTS_HAMMER_MIX_LIMIT_H_
#define LOAD_TESTS_HAMMER_MIX_LIMIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "load-tests/hammer/scenario.h"

namespace masa::hammer {

// Something that a work cannot do without, measured bare.
struct Part {
  std::string what;
  double microseconds = 0;  // of one core's time, for one item
};
using Limit = std::vector<Part>;

struct WorkLimit {
  Work work;
  int64_t items = 0;  // that it was about
  Limit limit;        // for one of its own items
};

// For one item of all, whichever it is: each part by its work's share of the
// items, and says so where there are several works. A work without items has no
// part; empty where one that has some has no limit.
Limit MixLimit(const std::vector<WorkLimit>& works);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_MIX_LIMIT_H_
