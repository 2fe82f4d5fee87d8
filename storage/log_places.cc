#include "storage/log_places.h"

namespace masa::storage {
namespace {

constexpr int64_t kSliceMillis = 100;
constexpr size_t kTimeOctets = 6;

}  // namespace

int64_t SliceOf(const std::string& event_id) {
  int64_t millis = 0;
  for (size_t i = 0; i < kTimeOctets && i < event_id.size(); ++i) {
    millis = millis * 256 + static_cast<uint8_t>(event_id[i]);
  }
  return millis / kSliceMillis;
}

int64_t SliceOfTime(absl::Time at) {
  return absl::ToUnixMillis(at) / kSliceMillis;
}

std::map<uint64_t, std::vector<LogEntry>> BundlesOf(
    uint64_t from, absl::Span<const LogEntry> entries) {
  std::map<uint64_t, std::vector<LogEntry>> bundles;
  for (const LogEntry& entry : entries) {
    bundles[from++ / kBundleWidth].push_back(entry);
  }
  return bundles;
}

std::set<int64_t> SlicesOf(absl::Span<const LogEntry> entries) {
  std::set<int64_t> slices;
  for (const LogEntry& entry : entries) {
    slices.insert(SliceOf(entry.event_id));
  }
  return slices;
}

std::vector<LogEntry> EntriesOfRows(absl::Span<const OutboxRow> rows) {
  std::vector<LogEntry> entries;
  for (const OutboxRow& row : rows) {
    entries.insert(entries.end(), row.entries.begin(), row.entries.end());
  }
  return entries;
}

}  // namespace masa::storage
