// Does a key sign? Asked with a signature of no artifact, and by verifying it.
#ifndef SERVICES_ISSUANCE_TRY_KEY_H_
#define SERVICES_ISSUANCE_TRY_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/observe/request_context.h"
#include "services/signing/signer.h"
#include "services/verifier/verifier.h"

namespace masa::issuance {

// The algorithm that `key`, whose public key is `spki_der`, signed a test with.
// kMisconfigured when the signature is not that key's, or the public key not
// known; else what the signer refuses with: kKeyNotForThis for a key that is
// not for tests. Blocks.
absl::StatusOr<SignatureAlgorithm> TryKey(const RequestContext& context,
                                          signing::Signer& signer,
                                          const Verifier& verifier,
                                          const std::string& key,
                                          const std::string& spki_der);

// The same of what signs under `name` now, with the public key of its chain.
absl::Status TryKeyInForce(const RequestContext& context,
                           signing::Signer& signer, const Verifier& verifier,
                           const std::string& name);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TRY_KEY_H_
