// The numbers of voucher jobs that Prometheus reads.
#ifndef SERVICES_TELEMETRY_VOUCHER_JOB_METRICS_H_
#define SERVICES_TELEMETRY_VOUCHER_JOB_METRICS_H_

#include <cstdint>
#include <map>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "storage/voucher_job_store.h"

namespace masa::telemetry {

// Thread-safe.
class VoucherJobMetrics {
 public:
  // Series masa_voucher_jobs{state}, of those that have not ended, whichever
  // process runs them; masa_voucher_job_vouchers_total{outcome} and
  // masa_voucher_job_rests_total, of what this process did. `registry` outlives
  // this.
  explicit VoucherJobMetrics(prometheus::Registry& registry);

  void SetOpen(const std::map<storage::VoucherJobState, int64_t>& open);
  void CountVouchers(int64_t issued, int64_t refused);
  // A job rests, for a reason that passes.
  void CountRest() { rests_->Increment(); }

 private:
  std::map<storage::VoucherJobState, prometheus::Gauge*> open_;
  prometheus::Counter* issued_;
  prometheus::Counter* refused_;
  prometheus::Counter* rests_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_VOUCHER_JOB_METRICS_H_
