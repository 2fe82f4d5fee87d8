// The first line of what only the manufacturer's own operators may do. Pure.
#ifndef SERVICES_ISSUANCE_OPERATORS_ONLY_H_
#define SERVICES_ISSUANCE_OPERATORS_ONLY_H_

#include "absl/status/status.h"
#include "services/identity/principal.h"

namespace masa::issuance {

// kPermissionDenied for everybody else.
absl::Status CheckIsOperator(const identity::Principal& caller);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OPERATORS_ONLY_H_
