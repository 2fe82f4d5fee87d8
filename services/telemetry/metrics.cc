#include "services/telemetry/metrics.h"

#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "prometheus/text_serializer.h"

namespace masa::telemetry {
namespace {

std::string Label(const std::string& enum_name, const char* prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(enum_name, prefix));
}

prometheus::Gauge* MakeGauge(prometheus::Registry& registry, const char* name,
                             const char* help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {});
}

}  // namespace

const prometheus::Histogram::BucketBoundaries& LatencyBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05,
      0.1,    0.25,  0.5,   1,     2.5,  5,     10};
  return buckets;
}

Operation::Operation(prometheus::Registry& registry, const std::string& name,
                     const std::string& failed, const std::string& help) {
  total_ = &prometheus::BuildCounter()
                .Name("masa_" + name + "_total")
                .Help(help)
                .Register(registry)
                .Add({});
  seconds_ = &prometheus::BuildHistogram()
                  .Name("masa_" + name + "_seconds")
                  .Help(help + ", seconds each")
                  .Register(registry)
                  .Add({}, LatencyBuckets());
  auto& family = prometheus::BuildCounter()
                     .Name("masa_" + name + "_" + failed + "_total")
                     .Help(help + " that failed, by reason")
                     .Register(registry);
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  for (int i = 0; i < count; ++i) {
    failed_[rows[i].reason] =
        &family.Add({{"reason", std::string(rows[i].name)}});
  }
}

void Operation::Finished(const absl::Status& status, absl::Duration took) {
  total_->Increment();
  seconds_->Observe(absl::ToDoubleSeconds(took));
  if (!status.ok()) {
    failed_.at(ReasonOf(status))->Increment();
  }
}

Metrics::Metrics()
    : voucher_requests_(registry_, "voucher_requests", "denied",
                        "Voucher requests of registrars"),
      audit_log_requests_(registry_, "audit_log_requests", "denied",
                          "Audit log requests of registrars"),
      commits_(registry_, "voucher_commits", "failed",
               "Vouchers given to the database with their audit events") {
  auto& family = prometheus::BuildCounter()
                     .Name("masa_vouchers_issued_total")
                     .Help("Vouchers committed with their audit events")
                     .Register(registry_);
  for (int assertion = 1; assertion < masa::v1::Assertion_ARRAYSIZE;
       ++assertion) {
    for (int format = 1; format < masa::v1::Format_ARRAYSIZE; ++format) {
      const auto assertion_name = masa::v1::Assertion_Name(assertion);
      const auto format_name = masa::v1::Format_Name(format);
      issued_[{assertion, format}] =
          &family.Add({{"assertion", Label(assertion_name, "ASSERTION_")},
                       {"format", Label(format_name, "FORMAT_")}});
    }
  }
  auto& alerts = prometheus::BuildCounter()
                     .Name("masa_alerts_total")
                     .Help("What an operator should look into")
                     .Register(registry_);
  for (const Alert alert :
       {Alert::kPriorReused, Alert::kClaimedByAnotherDomain}) {
    alerts_[alert] = &alerts.Add({{"alert", NameOf(alert)}});
  }
  AddNotReady();
  clock_synchronised_ =
      MakeGauge(registry_, "masa_clock_synchronised",
                "1 when the kernel's clock is kept by a time service");
  unsigned_histories_age_ =
      MakeGauge(registry_, "masa_unsigned_histories_age_seconds",
                "How long ownership entries have waited for their signature");
}

void Metrics::AddNotReady() {
  auto& family = prometheus::BuildGauge()
                     .Name("masa_not_ready")
                     .Help("1 for why this process cannot do its work")
                     .Register(registry_);
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  for (int i = 0; i < count; ++i) {
    not_ready_[rows[i].reason] =
        &family.Add({{"reason", std::string(rows[i].name)}});
  }
}

void Metrics::SetClockSynchronised(bool synchronised) {
  clock_synchronised_->Set(synchronised ? 1 : 0);
}

void Metrics::SetReady(const absl::Status& ready) {
  for (const auto& [reason, gauge] : not_ready_) {
    gauge->Set(!ready.ok() && ReasonOf(ready) == reason ? 1 : 0);
  }
}

void Metrics::SetUnsignedHistoriesAge(absl::Duration age) {
  unsigned_histories_age_->Set(absl::ToDoubleSeconds(age));
}

void Metrics::CountAlert(Alert alert) { alerts_.at(alert)->Increment(); }

std::string Metrics::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

void Metrics::CountIssued(masa::v1::Assertion assertion,
                          masa::v1::Format format) {
  const auto series = issued_.find({assertion, format});
  if (series != issued_.end()) {
    series->second->Increment();
  }
}

}  // namespace masa::telemetry
