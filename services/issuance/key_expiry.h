// When the certificates end that vouchers are, or will be, signed under.
#ifndef SERVICES_ISSUANCE_KEY_EXPIRY_H_
#define SERVICES_ISSUANCE_KEY_EXPIRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/key_desk.h"
#include "services/issuance/policies.h"
#include "services/observe/request_context.h"
#include "services/signing/signer.h"

namespace masa::issuance {

// Of every key that a product or a tenant names, each version that is not
// retired. Keys of which the signer knows nothing are left out; readiness tells
// of them.
absl::StatusOr<std::vector<KeyExpiry>> ExpiriesOfKeys(
    const RequestContext& context, Policies& policies, signing::Signer& signer,
    absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_KEY_EXPIRY_H_
