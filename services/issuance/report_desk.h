// What devices told of themselves, for operators and the devices' owners.
#ifndef SERVICES_ISSUANCE_REPORT_DESK_H_
#define SERVICES_ISSUANCE_REPORT_DESK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/report_store.h"

namespace masa::issuance {

// Thread-safe; blocks.
class ReportDesk {
 public:
  virtual ~ReportDesk() = default;

  // The newest of each kind, at most four, the newest first. kDeviceUnknown
  // for unknown and foreign devices alike.
  virtual absl::StatusOr<std::vector<storage::DeviceReport>> ListReports(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REPORT_DESK_H_
