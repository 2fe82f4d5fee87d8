// How a signature of each algorithm is asked of a token, and what comes back.
// Pure.
#ifndef SERVICES_SIGNING_PKCS11_MECHANISM_H_
#define SERVICES_SIGNING_PKCS11_MECHANISM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "p11-kit-1/p11-kit/pkcs11.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

// Ones that sign what was hashed here: a token that hashes as well would get
// every voucher whole over its cable.
CK_MECHANISM_TYPE MechanismFor(SignatureAlgorithm algorithm);

// The input of C_Sign: a digest (ECDSA), a DigestInfo (RSA, RFC 8017 section
// 9.2), or the message itself (Ed25519).
std::string InputFor(SignatureAlgorithm algorithm, absl::string_view message);

// DER of what C_Sign answers as r || s for ECDSA; else as it is.
// kSignerUnavailable when its length is not the algorithm's.
absl::StatusOr<std::string> SignatureOf(SignatureAlgorithm algorithm,
                                        std::string answer);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_MECHANISM_H_
