// JWS as draft-ietf-anima-jws-voucher uses it: general JSON serialization, the
// chain in x5c (RFC 7515). Pure.
#ifndef SERVICES_WIRE_JWS_H_
#define SERVICES_WIRE_JWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/verifier/verifier.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

// Reads one artifact of at most 64 KiB. kMalformed for compact or flattened
// serialization (JW-01), a payload that is not unpadded base64url (JW-02), and
// x5c that is not standard base64 of certificates (JW-05, JW-07); kNotSigned
// for alg none, MACs, or no protected alg (JW-03, JW-10); kSignatureInvalid for
// another typ (JW-04), any crit (JW-10), and a signature of the wrong length,
// such as a DER one (JW-08). The signature itself is not checked. ECDSA
// signatures are handed on in DER, as `Verifier` takes them.
absl::StatusOr<SignedArtifact> ParseJws(absl::string_view json);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JWS_H_
