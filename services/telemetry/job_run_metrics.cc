#include "services/telemetry/job_run_metrics.h"

#include <algorithm>

namespace masa::telemetry {
namespace {

double SecondsOf(absl::Time time) {
  return absl::ToDoubleSeconds(std::max(time, absl::UnixEpoch()) -
                               absl::UnixEpoch());
}

}  // namespace

JobRunMetrics::JobRunMetrics(prometheus::Registry& registry)
    : succeeded_(prometheus::BuildGauge()
                     .Name("masa_job_last_success_timestamp_seconds")
                     .Help("When a job beside the service last did what it is "
                           "for; since when that is waited for while it never "
                           "did")
                     .Register(registry)),
      failed_(prometheus::BuildGauge()
                  .Name("masa_job_last_failure_timestamp_seconds")
                  .Help("When a job beside the service last failed; 0: never")
                  .Register(registry)) {}

void JobRunMetrics::Update(const std::vector<storage::JobRun>& runs) {
  for (const storage::JobRun& run : runs) {
    // Few and closed: the names of storage/job_runs.h. Add gives what is there.
    // Prometheus calls what it scrapes `job`.
    succeeded_.Add({{"name", run.job}}).Set(SecondsOf(run.succeeded_at));
    failed_.Add({{"name", run.job}}).Set(SecondsOf(run.failed_at));
  }
}

}  // namespace masa::telemetry
