// Whether a device that a caller names with its manufacturer's enterprise
// number can be one that is served here.
#ifndef SERVICES_ISSUANCE_CHECK_IEN_H_
#define SERVICES_ISSUANCE_CHECK_IEN_H_

#include <string>

#include "absl/status/status.h"
#include "services/issuance/policies.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

// kIenNotServed at `field` for a number that is not the tenant's; none is
// always well, and asks for no policies. kTenantUnknown, and what the store of
// policies refuses. Thread-safe.
absl::Status CheckIen(Policies& policies, const RequestContext& context,
                      const std::string& tenant_id, const std::string& ien,
                      const std::string& field = "device.ien");

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_CHECK_IEN_H_
