// The numbers that Prometheus reads. Every series is made at start, so that a
// counter that never moved is seen as zero. Label values are a closed set.
// Thread-safe.
#ifndef SERVICES_TELEMETRY_METRICS_H_
#define SERVICES_TELEMETRY_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/observe/alert.h"
#include "services/status/reason.h"

namespace masa::telemetry {

// Upper bounds, seconds, for how long a call takes.
const prometheus::Histogram::BucketBoundaries& LatencyBuckets();

// One operation: how often, how long, and why it failed.
class Operation {
 public:
  // Series `masa_<name>_total`, `masa_<name>_<failed>_total{reason}` and
  // `masa_<name>_seconds`. `registry` outlives this.
  Operation(prometheus::Registry& registry, const std::string& name,
            const std::string& failed, const std::string& help);

  void Finished(const absl::Status& status, absl::Duration took);

 private:
  prometheus::Counter* total_;
  prometheus::Histogram* seconds_;
  std::map<Reason, prometheus::Counter*> failed_;
};

class Metrics {
 public:
  Metrics();

  // The text exposition format, version 0.0.4.
  std::string Text() const;

  // One voucher was committed.
  void CountIssued(masa::v1::Assertion assertion, masa::v1::Format format);

  void CountAlert(Alert alert);

  // As of the last readiness check.
  void SetClockSynchronised(bool synchronised);

  // As of the last readiness check: masa_not_ready{reason} is 1 for why it is
  // not, and 0 for all others.
  void SetReady(const absl::Status& ready);

  // As of the last round that signed ownership histories.
  void SetUnsignedHistoriesAge(absl::Duration age);

  prometheus::Registry& registry() { return registry_; }

  Operation& voucher_requests() { return voucher_requests_; }
  Operation& audit_log_requests() { return audit_log_requests_; }
  Operation& commits() { return commits_; }

 private:
  void AddNotReady();

  prometheus::Registry registry_;
  Operation voucher_requests_;
  Operation audit_log_requests_;
  Operation commits_;
  std::map<std::pair<int, int>, prometheus::Counter*> issued_;
  std::map<Alert, prometheus::Counter*> alerts_;
  std::map<Reason, prometheus::Gauge*> not_ready_;
  prometheus::Gauge* clock_synchronised_;
  prometheus::Gauge* unsigned_histories_age_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_METRICS_H_
