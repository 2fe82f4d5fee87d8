// What was signed about certificates ahead, as Prometheus reads it.
#ifndef SERVICES_TELEMETRY_STATUS_METRICS_H_
#define SERVICES_TELEMETRY_STATUS_METRICS_H_

#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace masa::telemetry {

// Thread-safe.
class StatusMetrics {
 public:
  // Series masa_ocsp_responses_signed_ahead_total{outcome}. `registry` outlives
  // this.
  explicit StatusMetrics(prometheus::Registry& registry);

  void Count(int is_signed, int failed) {
    signed_->Increment(is_signed);
    failed_->Increment(failed);
  }

 private:
  prometheus::Counter* signed_;
  prometheus::Counter* failed_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_STATUS_METRICS_H_
