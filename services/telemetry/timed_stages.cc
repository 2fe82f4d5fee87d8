#include "services/telemetry/timed_stages.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

using issuance::Stage;

const char* NameOf(Stage stage) {
  switch (stage) {
    case Stage::kVerify:
      return "verify";
    case Stage::kResolve:
      return "resolve";
    case Stage::kDecide:
      return "decide";
    case Stage::kSign:
      return "sign";
    case Stage::kCommit:
      return "commit";
  }
  return "";
}

}  // namespace

TimedStages::TimedStages(prometheus::Registry& registry) {
  auto& family = prometheus::BuildHistogram()
                     .Name("masa_voucher_issue_seconds")
                     .Help("Time of a voucher's stages, of each that waited")
                     .Register(registry);
  for (const Stage stage : issuance::kStages) {
    seconds_[stage] = &family.Add({{"stage", NameOf(stage)}}, LatencyBuckets());
  }
}

void TimedStages::Run(Stage stage, size_t requests,
                      absl::FunctionRef<void()> work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  work();
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start).count();
  const auto& bounds = LatencyBuckets();
  std::vector<double> counts(bounds.size() + 1);
  counts[std::lower_bound(bounds.begin(), bounds.end(), seconds) -
         bounds.begin()] = static_cast<double>(requests);
  seconds_.at(stage)->ObserveMultiple(counts, seconds * requests);
}

}  // namespace masa::telemetry
