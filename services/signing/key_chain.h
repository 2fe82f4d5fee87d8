// May this chain be that of a signing key from this moment on? Pure, but for
// the verifier that is passed in.
#ifndef SERVICES_SIGNING_KEY_CHAIN_H_
#define SERVICES_SIGNING_KEY_CHAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

// Of a chain, signer first, anchor last. kCertMalformed when it does not parse
// or is too long; kInvalidArgument when its first certificate is not of the key
// or one does not follow from the next; kCertExpired when one is not valid at
// `from`.
absl::Status CheckKeyChain(const std::vector<std::string>& chain_der,
                           const std::string& spki_der, absl::Time from,
                           const Verifier& verifier);

// The earliest end among the certificates; InfiniteFuture for none and for what
// does not parse.
absl::Time NotAfterOf(const std::vector<std::string>& chain_der);

// Nothing for a key that cannot sign here, and for what is no key.
std::optional<SignatureAlgorithm> AlgorithmOfSpki(const std::string& spki_der);

// The key of the first certificate. kCertMalformed for none.
absl::StatusOr<std::string> SpkiOfChain(
    const std::vector<std::string>& chain_der);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_CHAIN_H_
