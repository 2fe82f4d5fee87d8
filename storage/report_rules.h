// What every implementation of ReportStore decides alike. Pure.
#ifndef STORAGE_REPORT_RULES_H_
#define STORAGE_REPORT_RULES_H_

#include <tuple>
#include <vector>

#include "storage/audit_event.h"
#include "storage/report_store.h"

namespace masa::storage {

// Of which the newest stands: bucket, device, kind, proof.
using ReportKey = std::tuple<int16_t, std::string, ReportKind, bool>;
ReportKey KeyOf(const DeviceReport& report);

// kInvalidArgument when an id does not have its length, or a text cannot be
// stored.
absl::Status CheckReports(absl::Span<const DeviceReport> reports);

// As they are stored, each key once: the newest, of equals the last.
std::vector<DeviceReport> NewestOf(absl::Span<const DeviceReport> reports);

// Of every report; the payload says what happened and none of the device's own
// words, since events are for ever.
std::vector<AuditEvent> EventsOf(absl::Span<const DeviceReport> reports);

}  // namespace masa::storage

#endif  // STORAGE_REPORT_RULES_H_
