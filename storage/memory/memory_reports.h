// What devices told, in memory, beside the store that has their audit events:
// same answers as PostgreSQL (storage/contract). It fails when that store does.
// Thread-safe; never blocks for long.
#ifndef STORAGE_MEMORY_MEMORY_REPORTS_H_
#define STORAGE_MEMORY_MEMORY_REPORTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/memory/memory_store.h"
#include "storage/report_rules.h"

namespace masa::storage {

class MemoryReports final : public ReportStore {
 public:
  // Outlives this.
  explicit MemoryReports(MemoryStore& store) : store_(store) {}

  absl::Status Record(const RequestContext& context,
                      absl::Span<const DeviceReport> reports) override;
  absl::StatusOr<std::vector<DeviceReport>> ReportsOf(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id) override;

 private:
  MemoryStore& store_;
  absl::Mutex mutex_;
  std::map<ReportKey, DeviceReport> reports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_REPORTS_H_
