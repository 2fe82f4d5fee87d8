// What the kernel says of this process, in the names that every dashboard
// knows, and which build it is.
#ifndef SERVICES_TELEMETRY_PROCESS_METRICS_H_
#define SERVICES_TELEMETRY_PROCESS_METRICS_H_

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace masa::telemetry {

class ProcessMetrics {
 public:
  // Series process_cpu_seconds_total, process_resident_memory_bytes,
  // process_virtual_memory_bytes, process_open_fds, process_max_fds,
  // process_threads, process_start_time_seconds and masa_build_info{compiler}.
  // `registry` outlives this.
  explicit ProcessMetrics(prometheus::Registry& registry);

  // Reads /proc anew: before each scrape, by one thread at a time. What cannot
  // be read stays as it was.
  void Update();

 private:
  prometheus::Counter& cpu_;
  prometheus::Gauge &resident_, &virtual_, &open_fds_, &max_fds_, &threads_,
      &start_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_PROCESS_METRICS_H_
