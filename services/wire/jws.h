// JWS as draft-ietf-anima-jws-voucher uses it: general JSON serialization, the
// chain in x5c (RFC 7515). Pure.
#ifndef SERVICES_WIRE_JWS_H_
#define SERVICES_WIRE_JWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/verifier/verifier.h"
#include "services/wire/known_parts.h"
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

// What stands in the x5c of each signature, decoded and otherwise as it came:
// for looking ahead, as nothing is parsed or checked. What ParseJws takes, this
// names the certificates of.
std::vector<std::string> EnclosedInJws(absl::string_view json);

// The fixed parts of every JWS voucher of one key: its protected header.
// Thread-safe after construction.
class JwsTemplate {
 public:
  // `chain_der` is signer first up to and including the anchor (JW-05).
  static absl::StatusOr<JwsTemplate> Create(
      const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm);

  // The signing input over `content`: what the key signs (RFC 7515 section
  // 5.1).
  std::string EncodeSigningInput(absl::string_view content) const;

  // The whole artifact with one signature, to which a registrar may append its
  // own (JW-09). `signature` is as `Signer` makes it; kSignerUnavailable when
  // it does not read as that.
  absl::StatusOr<std::string> Finish(absl::string_view signing_input,
                                     absl::string_view signature) const;

 private:
  JwsTemplate() = default;

  std::string protected_header_;  // base64url
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::kEcdsaP256Sha256;
};

// What stands next to a key asks of a JWS voucher: is this signing input a
// protected header of that algorithm, with a chain and nothing critical, and
// `content`? kKeyNotForThis otherwise. A header that `known` has is not read
// again; one that is read and good, it learns.
absl::Status CheckSigningInput(absl::string_view signing_input,
                               absl::string_view content,
                               SignatureAlgorithm algorithm,
                               KnownOctets* known = nullptr);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JWS_H_
