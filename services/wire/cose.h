// COSE_Sign1 of RFC 9052 as draft-ietf-anima-constrained-voucher section 9 uses
// it. Pure.
#ifndef SERVICES_WIRE_COSE_H_
#define SERVICES_WIRE_COSE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/verifier/verifier.h"
#include "services/wire/known_parts.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

// Reads one COSE_Sign1, tagged or not (CO-01), of at most 64 KiB. Certificates
// come from x5bag and x5chain in either header (CO-04), for path building alone
// (CO-11). A bag does not say whose certificate the signer's is (PV-04), so
// each may be. kMalformed for what does not parse; kNotSigned for an algorithm
// that is not protected or not known, kSignatureInvalid for critical headers
// and signatures of a wrong length. The signature itself is not checked.
absl::StatusOr<SignedArtifact> ParseCose(absl::string_view octets);

// The fixed parts of every COSE voucher of one key and product. Thread-safe
// after construction.
class CoseTemplate {
 public:
  // `chain_der` is signer first up to and including the anchor; a single
  // self-signed certificate for a bare key (CO-10). kMisconfigured for an
  // algorithm that COSE has no number for here.
  static absl::StatusOr<CoseTemplate> Create(
      const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm,
      const masa::v1::CoseForm& form);

  // The Sig_structure over `content`: what the key signs (CO-03).
  std::string EncodeSigStructure(absl::string_view content,
                                 absl::Time issued_at) const;

  // The whole artifact, tag 18, the chain in an unprotected x5bag (CO-07).
  // `signature` is as `Signer` makes it.
  absl::StatusOr<std::string> Finish(absl::string_view content,
                                     absl::string_view sig_structure,
                                     absl::string_view signature) const;

 private:
  CoseTemplate() = default;
  std::string EncodeProtected(absl::Time issued_at) const;

  std::string protected_entries_;  // those that are the same in each voucher
  size_t protected_count_ = 0;
  std::string protected_chain_;  // such an entry, or empty
  bool issued_at_ = false;
  std::string unprotected_;
  size_t half_octets_ = 0;  // of ECDSA numbers; 0: written as it comes
};

// What stands next to a key asks of a COSE voucher: are these octets a
// Sig_structure over `content`, with that algorithm and nothing critical?
// kKeyNotForThis otherwise. A header that `known` has is not read again; one
// that is read and good, it learns.
absl::Status CheckSigStructure(absl::string_view sig_structure,
                               absl::string_view content,
                               SignatureAlgorithm algorithm,
                               KnownOctets* known = nullptr);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_COSE_H_
