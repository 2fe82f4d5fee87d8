// Which algorithms a SignerInfo may name (RFC 5754, RFC 8419). Used inside
// this room only.
#ifndef SERVICES_WIRE_CMS_ALGORITHMS_H_
#define SERVICES_WIRE_CMS_ALGORITHMS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/verifier/verifier.h"

namespace masa::wire {

// What SHA-2 functions are for here: the message-digest attribute.
enum class Digest { kSha256 = 1, kSha384 = 2, kSha512 = 3 };

// A digest, where none is to be allocated.
struct DigestValue {
  char octets[64];
  size_t size;
  absl::string_view view() const { return absl::string_view(octets, size); }
};

// The digest of `octets`.
DigestValue DigestOf(Digest digest, absl::string_view octets);

// The digest that the contents of an OID name.
std::optional<Digest> DigestNamed(absl::string_view oid);

// The signature algorithm that the contents of an OID name together with the
// signer's digest; nothing when unknown or when the two disagree.
std::optional<SignatureAlgorithm> SignatureNamed(absl::string_view oid,
                                                 Digest digest);

// The digest that goes with `algorithm` on output.
Digest DigestFor(SignatureAlgorithm algorithm);

// AlgorithmIdentifiers, DER, for output.
std::string DigestAlgorithmDer(Digest digest);
std::string SignatureAlgorithmDer(SignatureAlgorithm algorithm);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CMS_ALGORITHMS_H_
