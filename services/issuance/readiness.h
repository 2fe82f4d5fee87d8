// Can vouchers be issued now? What /readyz of an authority asks.
#ifndef SERVICES_ISSUANCE_READINESS_H_
#define SERVICES_ISSUANCE_READINESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/issuance/key_desk.h"
#include "services/issuance/policies.h"
#include "services/signing/signer.h"

namespace masa::issuance {

// Of each key that a tenant's products name, by tenant and key: OK when a
// signer that answers knows it and it may sign for them. Else the first fault,
// with the key's name. Refused when the policies cannot be read.
absl::StatusOr<std::vector<KeyHealth>> HealthOfKeys(
    const RequestContext& context, Policies& policies, signing::Signer& signer);

// OK while any key signs, and while there is none: a key that is wrong or whose
// certificate has ended stops its own products, and must not stop the others.
// Else the first fault. Pure.
absl::Status CheckAnySigns(absl::Span<const KeyHealth> keys);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_READINESS_H_
