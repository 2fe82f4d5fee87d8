// Can vouchers be issued now? What /readyz of an authority asks.
#ifndef SERVICES_ISSUANCE_READINESS_H_
#define SERVICES_ISSUANCE_READINESS_H_

#include "absl/status/status.h"
#include "services/issuance/policies.h"
#include "services/signing/signer.h"

namespace masa::issuance {

// OK when every signing key that a product names is known to a signer that
// answers. Else the first fault, with the key's name.
absl::Status CheckSigningKeys(const RequestContext& context, Policies& policies,
                              signing::Signer& signer);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_READINESS_H_
