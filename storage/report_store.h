// What devices told of how a voucher or an enrolment went (RFC 8995 sections
// 5.7 and 5.9.4). Thread-safe; blocks; never stale. kStoreUnavailable when the
// store cannot answer.
#ifndef STORAGE_REPORT_STORE_H_
#define STORAGE_REPORT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"

namespace masa::storage {

// What happened, as the column `kind` of an audit event says it.
inline constexpr char kDeviceReported[] = "device-reported";

enum class ReportKind { kVoucherStatus = 1, kEnrollStatus = 2 };

struct DeviceReport {
  std::string tenant_id;
  int16_t bucket = 0;
  std::string device_id;  // 16 octets
  ReportKind kind = ReportKind::kVoucherStatus;
  // It came over a connection with the device's own certificate (CR-23); else
  // anybody may have said so.
  bool is_proven = false;
  absl::Time at;
  int32_t version = 0;
  bool success = false;
  std::string reason = {};        // the device's own words
  std::string context_json = {};  // the same; an object or empty
  // Written with the audit event, not read back.
  std::string actor = {};
  std::string request_id = {};

  bool operator==(const DeviceReport&) const = default;
};

class ReportStore {
 public:
  virtual ~ReportStore() = default;

  // Durable on return, with one audit event for each; all or nothing. Of each
  // device, kind and proof the newest report stands. kInvalidArgument for what
  // cannot be stored.
  virtual absl::Status Record(const RequestContext& context,
                              absl::Span<const DeviceReport> reports) = 0;

  // Those of the device, at most four, the newest first.
  virtual absl::StatusOr<std::vector<DeviceReport>> ReportsOf(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_REPORT_STORE_H_
