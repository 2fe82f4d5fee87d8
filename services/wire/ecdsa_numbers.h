// ECDSA signatures as JWS and COSE write them, r || s of fixed length
// (RFC 7518 section 3.4, RFC 9053 section 2.1), and as X.509 does, in DER. Used
// by the parsers and templates of this room, and by what signs.
#ifndef SERVICES_WIRE_ECDSA_NUMBERS_H_
#define SERVICES_WIRE_ECDSA_NUMBERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

// r || s, both halves of equal length, into DER.
std::string EcdsaDerOfNumbers(absl::string_view numbers);

// DER into r || s of `half_octets` each. kSignerUnavailable when `der` is no
// such signature: only our own signer's answers come here.
absl::StatusOr<std::string> EcdsaNumbersOfDer(absl::string_view der,
                                              size_t half_octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_ECDSA_NUMBERS_H_
