// CMS SignedData of RFC 5652 as RFC 8366 section 5.4 uses it, on CBS and CBB:
// BoringSSL has no CMS. Pure.
#ifndef SERVICES_WIRE_CMS_H_
#define SERVICES_WIRE_CMS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/wire/known_parts.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

// Reads one ContentInfo, BER or DER (CM-14), of at most 64 KiB. Accepts
// id-ct-animaJSONVoucher and id-data (CM-03), versions 1 and 3 (CM-13), both
// signer identifiers (CM-12). Checks here: signedAttrs present (CM-06), their
// content-type and message-digest agree with the content (CM-07); such faults
// are kNotSigned or kSignatureInvalid. What does not parse, and detached
// content (CM-15), is kMalformed. The signature itself is not checked.
absl::StatusOr<SignedArtifact> ParseCms(absl::string_view ber);

// What stands next to a key asks of a CMS voucher: are these signed attributes
// content-type, signing-time and the message-digest of `content`, each once?
// kKeyNotForThis otherwise. Attributes that are as `known` up to a digest at
// their end are not read again; such as are read and good, it learns.
absl::Status CheckSignedAttributes(absl::string_view signed_attributes,
                                   absl::string_view content,
                                   SignatureAlgorithm algorithm,
                                   KnownOctets* known = nullptr);

// The fixed parts of every CMS voucher of one key and product, encoded once.
// Thread-safe after construction.
class CmsTemplate {
 public:
  // `chain_der` is signer first up to and including the anchor (CM-09).
  static absl::StatusOr<CmsTemplate> Create(
      const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm,
      bool id_data);

  // The SET OF signed attributes, DER, over `content`: what the key signs.
  std::string EncodeSignedAttributes(absl::string_view content,
                                     absl::Time signing_time) const;

  // The whole artifact, DER (CM-01): one SignerInfo (CM-11).
  std::string Finish(absl::string_view content,
                     absl::string_view signed_attributes,
                     absl::string_view signature) const;

 private:
  CmsTemplate() = default;
  std::string EncodeSigner(absl::string_view signed_attributes,
                           absl::string_view signature) const;

  std::string content_oid_der_;
  std::string certificates_der_;
  std::string signer_identifier_der_;
  std::string digest_algorithm_der_;
  std::string signature_algorithm_der_;
  std::string fixed_attributes_der_;
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::kEcdsaP256Sha256;
  int version_ = 3;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CMS_H_
