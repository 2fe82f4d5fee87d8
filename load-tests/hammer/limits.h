// The irreducible work beside each figure, measured in the same run.
#ifndef LOAD_TESTS_HAMMER_LIMITS_H_
#define LOAD_TESTS_HAMMER_LIMITS_H_

#include <optional>
#include <string>

#include "load-tests/hammer/scenario.h"

namespace masa::hammer {

struct Limit {
  std::string what;
  double microseconds = 0;  // of one core's time, for one item
};

// What the scenario's only kind of work cannot do without; none for a mix of
// several kinds, and for what has no such part. Takes a second.
std::optional<Limit> LimitOf(const Scenario& scenario);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_LIMITS_H_
