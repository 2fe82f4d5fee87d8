// Gauges of the jobs that a timer runs beside the service: when each last did
// what it is for, and when it last failed.
#ifndef SERVICES_TELEMETRY_JOB_RUN_METRICS_H_
#define SERVICES_TELEMETRY_JOB_RUN_METRICS_H_

#include <vector>

#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "storage/job_runs.h"

namespace masa::telemetry {

// Thread-safe.
class JobRunMetrics {
 public:
  // Series masa_job_last_success_timestamp_seconds{name} and
  // masa_job_last_failure_timestamp_seconds{name}, of jobs that are on record;
  // 0 for one that never failed. `registry` outlives this.
  explicit JobRunMetrics(prometheus::Registry& registry);

  void Update(const std::vector<storage::JobRun>& runs);

 private:
  prometheus::Family<prometheus::Gauge>& succeeded_;
  prometheus::Family<prometheus::Gauge>& failed_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_JOB_RUN_METRICS_H_
