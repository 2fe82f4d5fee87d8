#include "storage/memory/memory_reports.h"

#include <algorithm>

#include "services/status/macros.h"

namespace masa::storage {

absl::Status MemoryReports::Record(const RequestContext& context,
                                   absl::Span<const DeviceReport> reports) {
  MASA_RETURN_IF_ERROR(CheckReports(reports));
  return store_.Amended(absl::UnixEpoch(), [&](const StoredFacts&) {
    absl::MutexLock lock(&mutex_);
    for (const DeviceReport& report : NewestOf(reports)) {
      DeviceReport& stored =
          reports_.try_emplace(KeyOf(report), report).first->second;
      if (stored.at <= report.at) {
        stored = report;
      }
    }
    return MemoryStore::Amendment{{}, EventsOf(reports)};
  });
}

absl::StatusOr<std::vector<DeviceReport>> MemoryReports::ReportsOf(
    const RequestContext& context, int16_t bucket,
    const std::string& device_id) {
  MASA_RETURN_IF_ERROR(store_.Amended(
      absl::UnixEpoch(),
      [](const StoredFacts&) { return MemoryStore::Amendment(); }));
  absl::MutexLock lock(&mutex_);
  std::vector<DeviceReport> found;
  for (const auto& [key, report] : reports_) {
    if (report.bucket == bucket && report.device_id == device_id) {
      found.push_back(report);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.at > b.at; });
  return found;
}

}  // namespace masa::storage
