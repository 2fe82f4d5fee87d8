// How long the stages of issuing take: masa_voucher_issue_seconds{stage}.
#ifndef SERVICES_TELEMETRY_TIMED_STAGES_H_
#define SERVICES_TELEMETRY_TIMED_STAGES_H_

#include <map>

#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/issuance/stages.h"

namespace masa::telemetry {

// Requests that go together each wait for the whole of a stage, so that each
// counts with its time.
class TimedStages final : public issuance::Stages {
 public:
  // `registry` outlives it.
  explicit TimedStages(prometheus::Registry& registry);

  void Run(issuance::Stage stage, size_t requests,
           absl::FunctionRef<void()> work) override;

 private:
  std::map<issuance::Stage, prometheus::Histogram*> seconds_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_TIMED_STAGES_H_
