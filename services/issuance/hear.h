// The first step of a registrar's request: read it, and let it prove itself.
#ifndef SERVICES_ISSUANCE_HEAR_H_
#define SERVICES_ISSUANCE_HEAR_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/matter.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// kPathUnknown for a path of drafts (EP-04) where no product of the tenant has
// those; kTenantUnknown. Comes before every look at the request's form, which
// would tell that the path is served.
absl::Status CheckPath(const Tools& tools, const RegistrarCall& call);

// kTenantUnknown, kMediaTypeUnknown, kMalformed, and every reason why a
// registrar's signature, chain or right to ask does not hold.
absl::StatusOr<Heard> Hear(const Tools& tools, const RegistrarCall& call,
                           absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_HEAR_H_
