// Where in a log an event may be, by the time in its id. Pure.
#ifndef STORAGE_LOG_PLACES_H_
#define STORAGE_LOG_PLACES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_log.h"

namespace masa::storage {

// The tenth of a second that a UUIDv7 begins with.
int64_t SliceOf(const std::string& event_id);
int64_t SliceOfTime(absl::Time at);

// A voucher's id is made within so many slices of its event's.
inline constexpr int64_t kVoucherSlices = 10;

// By how much later than it happened an event comes into the log at most, where
// times are looked for (AuditLog::SizeAt).
inline constexpr absl::Duration kLatest = absl::Hours(1);

// What is added to each bundle when these entries come behind the first `from`.
std::map<uint64_t, std::vector<LogEntry>> BundlesOf(
    uint64_t from, absl::Span<const LogEntry> entries);

// The slices of a bundle's entries.
std::set<int64_t> SlicesOf(absl::Span<const LogEntry> entries);

// All entries of the rows, one after the other.
std::vector<LogEntry> EntriesOfRows(absl::Span<const OutboxRow> rows);

}  // namespace masa::storage

#endif  // STORAGE_LOG_PLACES_H_
