// Gauges of the audit log: how long it is, how old what was said of it is, and
// what waits to come into it.
#ifndef SERVICES_TELEMETRY_AUDIT_METRICS_H_
#define SERVICES_TELEMETRY_AUDIT_METRICS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace masa::telemetry {

// Thread-safe.
class AuditMetrics {
 public:
  // Series masa_audit_log_size{tenant},
  // masa_audit_checkpoint_timestamp_seconds{tenant},
  // masa_audit_unsequenced_events, and
  // masa_audit_verifications_total{outcome}: held, broken, cancelled, of those
  // that this process ended. `registry` outlives this.
  explicit AuditMetrics(prometheus::Registry& registry);

  void SetLog(const std::string& tenant_id, uint64_t size,
              absl::Time checkpoint_at);
  void SetWaiting(int64_t events);
  enum class Verdict { kHeld, kBroken, kCancelled };
  void CountVerification(Verdict verdict);

 private:
  prometheus::Family<prometheus::Gauge>& size_;
  prometheus::Family<prometheus::Gauge>& checkpoint_;
  prometheus::Gauge& waiting_;
  prometheus::Counter &held_, &broken_, &cancelled_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_AUDIT_METRICS_H_
