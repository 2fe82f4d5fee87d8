// The first lines of what only the manufacturer's own operators may do, and of
// what they alone have to say. Pure.
#ifndef SERVICES_ISSUANCE_OPERATORS_ONLY_H_
#define SERVICES_ISSUANCE_OPERATORS_ONLY_H_

#include <string>

#include "absl/status/status.h"
#include "services/identity/principal.h"

namespace masa::issuance {

// kPermissionDenied for everybody else.
absl::Status CheckIsOperator(const identity::Principal& caller);

// kInvalidArgument at `field` where no organisation is named, which is an
// operator's: of a customer's account its own is meant.
absl::Status CheckNamesOrganization(const std::string& organization_id,
                                    const char* field);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OPERATORS_ONLY_H_
