// The door to the nonces of BatchEcdsa, for tests alone: who knows a nonce
// knows the key. Only targets marked testonly can include it.
#ifndef SERVICES_SIGNING_BATCH_ECDSA_FOR_TESTING_H_
#define SERVICES_SIGNING_BATCH_ECDSA_FOR_TESTING_H_

#include <vector>

#include "services/signing/batch_ecdsa.h"

namespace masa::signing {

// As BatchEcdsa::Sign with a key on P-256, taking `nonces` in order instead of
// random ones, one more for each signature that must be made again.
// kSignerUnavailable when a nonce is out of range or none is left.
absl::StatusOr<std::vector<EcdsaNumbers>>
SignBatchWithNoncesAndLeakPrivateKeyForTesting(
    EVP_PKEY* key, absl::Span<const Sha256Digest> digests,
    absl::Span<const Sha256Digest> nonces);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_BATCH_ECDSA_FOR_TESTING_H_
