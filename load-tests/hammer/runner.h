// Runs a scenario: its clients, its pace, and what they saw.
#ifndef LOAD_TESTS_HAMMER_RUNNER_H_
#define LOAD_TESTS_HAMMER_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "load-tests/hammer/histogram.h"
#include "load-tests/hammer/operation.h"
#include "load-tests/hammer/scenario.h"

namespace masa::hammer {

// What came of one kind of work.
struct WorkResult {
  Histogram latency;  // of those that were answered well
  int64_t items = 0;  // that they were about
  int64_t failed = 0;
  std::string fault;  // of one that failed
};

struct Second {
  Histogram latency;
  int64_t failed = 0;
};

struct Result {
  // From the end of the warm-up to the last client's last answer.
  absl::Duration took;
  std::vector<WorkResult> works;  // as the scenario's mix
  // Whole ones, of all works, by when they were due.
  std::vector<Second> seconds;
  bool exhausted = false;  // it ended early, since nothing was left to ask for

  // So many in a second; 0 where it ended in the warm-up.
  double RateOf(int64_t count) const;
};

// Hears once a second how many were answered in it, for a progress line.
using Progress = std::function<void(int second, int64_t answered)>;

// Blocks. Latency counts from when a request was due: in an open loop from the
// scenario's pace, so that a slow answer is not hidden by requests that were
// not sent meanwhile (coordinated omission). `begun` is called when the warm-up
// is over.
Result Run(const Scenario& scenario, const MakeOperation& make,
           const std::function<void()>& begun, const Progress& progress);

// What a scenario lacks that may be run; empty: nothing.
std::string FaultOf(const Scenario& scenario);

// What of the budget does not hold; empty: all does. Nothing answered breaks
// any.
std::vector<std::string> BrokenBudgets(const Scenario& scenario,
                                       const Result& result);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_RUNNER_H_
