#include "services/issuance/serve_reports.h"

#include "services/issuance/account_sights.h"
#include "services/status/macros.h"

namespace masa::issuance {

absl::StatusOr<std::vector<storage::DeviceReport>> ServeReports::ListReports(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device) {
  MASA_ASSIGN_OR_RETURN(
      const storage::Device found,
      FindSeen(devices_, groups_, policies_, context, caller, device));
  return reports_.ReportsOf(context, found.bucket, found.device_id);
}

}  // namespace masa::issuance
