#include "storage/report_rules.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {

ReportKey KeyOf(const DeviceReport& report) {
  return {report.bucket, report.device_id, report.kind, report.is_proven};
}

absl::Status CheckReports(absl::Span<const DeviceReport> reports) {
  constexpr size_t kIdOctets = 16;
  for (const DeviceReport& report : reports) {
    if (report.device_id.size() != kIdOctets || report.tenant_id.empty() ||
        !IsStorableText(report.tenant_id) || !IsStorableText(report.reason) ||
        !IsStorableText(report.context_json) ||
        !IsStorableText(report.request_id)) {
      return Refuse(Reason::kInvalidArgument,
                    "a device's report has an id or a text that cannot be "
                    "stored");
    }
  }
  return absl::OkStatus();
}

std::vector<DeviceReport> NewestOf(absl::Span<const DeviceReport> reports) {
  std::map<ReportKey, DeviceReport> newest;
  for (const DeviceReport& report : reports) {
    DeviceReport stored = report;
    stored.at = ToMicros(report.at);
    stored.actor.clear();
    stored.request_id.clear();
    const auto [known, is_first] = newest.try_emplace(KeyOf(report), stored);
    if (!is_first && known->second.at <= stored.at) {
      known->second = std::move(stored);
    }
  }
  std::vector<DeviceReport> kept;
  for (auto& [key, report] : newest) {
    kept.push_back(std::move(report));
  }
  return kept;
}

std::vector<AuditEvent> EventsOf(absl::Span<const DeviceReport> reports) {
  std::vector<AuditEvent> events;
  for (const DeviceReport& report : reports) {
    AuditEvent event;
    event.bucket = report.bucket;
    event.event_id = NewEventId(report.at);
    event.device_id = report.device_id;
    event.tenant_id = report.tenant_id;
    event.kind = kDeviceReported;
    event.at = report.at;
    event.actor = report.actor;
    event.request_id = report.request_id;
    event.payload = absl::StrCat(
        "{\"about\":\"",
        report.kind == ReportKind::kVoucherStatus ? "voucher" : "enrollment",
        "\",\"success\":", report.success ? "true" : "false",
        ",\"own_certificate\":", report.is_proven ? "true" : "false", "}");
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace masa::storage
