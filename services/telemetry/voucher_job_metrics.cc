#include "services/telemetry/voucher_job_metrics.h"

namespace masa::telemetry {

VoucherJobMetrics::VoucherJobMetrics(prometheus::Registry& registry) {
  auto& jobs = prometheus::BuildGauge()
                   .Name("masa_voucher_jobs")
                   .Help("Voucher jobs that have not ended, by state")
                   .Register(registry);
  const struct {
    storage::VoucherJobState state;
    const char* name;
  } states[] = {
      {storage::v1::VOUCHER_JOB_STATE_PENDING, "pending"},
      {storage::v1::VOUCHER_JOB_STATE_RUNNING, "running"},
      {storage::v1::VOUCHER_JOB_STATE_CANCELLING, "cancelling"},
  };
  for (const auto& [state, name] : states) {
    open_[state] = &jobs.Add({{"state", name}});
  }
  auto& vouchers = prometheus::BuildCounter()
                       .Name("masa_voucher_job_vouchers_total")
                       .Help("Devices of voucher jobs, by outcome")
                       .Register(registry);
  issued_ = &vouchers.Add({{"outcome", "issued"}});
  refused_ = &vouchers.Add({{"outcome", "refused"}});
  rests_ = &prometheus::BuildCounter()
                .Name("masa_voucher_job_rests_total")
                .Help("How often a voucher job had to rest")
                .Register(registry)
                .Add({});
}

void VoucherJobMetrics::SetOpen(
    const std::map<storage::VoucherJobState, int64_t>& open) {
  for (const auto& [state, gauge] : open_) {
    const auto found = open.find(state);
    gauge->Set(found == open.end() ? 0 : static_cast<double>(found->second));
  }
}

void VoucherJobMetrics::CountVouchers(int64_t issued, int64_t refused) {
  issued_->Increment(static_cast<double>(issued));
  refused_->Increment(static_cast<double>(refused));
}

}  // namespace masa::telemetry
