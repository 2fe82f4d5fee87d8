#include "services/telemetry/audit_metrics.h"

namespace masa::telemetry {
namespace {

prometheus::Family<prometheus::Gauge>& GaugeOf(prometheus::Registry& registry,
                                               const char* name,
                                               const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// With all outcomes from the start, so that the first of one is an increase.
prometheus::Counter& VerificationsOf(prometheus::Registry& registry,
                                     const char* outcome) {
  return prometheus::BuildCounter()
      .Name("masa_audit_verifications_total")
      .Help("verifications of the audit log that ended here")
      .Register(registry)
      .Add({{"outcome", outcome}});
}

}  // namespace

AuditMetrics::AuditMetrics(prometheus::Registry& registry)
    : size_(GaugeOf(registry, "masa_audit_log_size",
                    "events in the audit log, as this process sequenced it")),
      checkpoint_(GaugeOf(registry, "masa_audit_checkpoint_timestamp_seconds",
                          "when the newest checkpoint was signed")),
      waiting_(GaugeOf(registry, "masa_audit_unsequenced_events",
                       "committed events that are not in the log yet")
                   .Add({})),
      held_(VerificationsOf(registry, "held")),
      broken_(VerificationsOf(registry, "broken")),
      cancelled_(VerificationsOf(registry, "cancelled")) {}

void AuditMetrics::SetLog(const std::string& tenant_id, uint64_t size,
                          absl::Time checkpoint_at) {
  // Few and closed: tenants are manufacturers. Add gives what is there.
  size_.Add({{"tenant", tenant_id}}).Set(static_cast<double>(size));
  checkpoint_.Add({{"tenant", tenant_id}})
      .Set(absl::ToDoubleSeconds(checkpoint_at - absl::UnixEpoch()));
}

void AuditMetrics::CountVerification(Verdict verdict) {
  (verdict == Verdict::kHeld     ? held_
   : verdict == Verdict::kBroken ? broken_
                                 : cancelled_)
      .Increment();
}

void AuditMetrics::SetWaiting(int64_t events) {
  waiting_.Set(static_cast<double>(events));
}

}  // namespace masa::telemetry
