// What a CA of ours says of its certificates: CRLs (RFC 5280 section 5) and
// OCSP responses (RFC 6960 in the profile of RFC 5019), as they are signed, and
// the requests for the latter. Pure.
#ifndef SERVICES_WIRE_STATUS_LISTS_H_
#define SERVICES_WIRE_STATUS_LISTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"

namespace masa::wire {

// RFC 5280 section 5.3.1; the values are those of the wire.
enum class RevocationReason {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kPrivilegeWithdrawn = 9,
};

struct RevokedCertificate {
  std::string serial;  // contents of the INTEGER
  absl::Time at;
  RevocationReason reason = RevocationReason::kUnspecified;
};

struct CrlForm {
  std::string issuer_der;
  std::string authority_key_id;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  uint64_t number = 0;  // grows with each list
  absl::Time this_update;
  absl::Time next_update;
  std::vector<RevokedCertificate> revoked;
};

// The TBSCertList of version 2.
std::string EncodeTbsCrl(const CrlForm& form);

// Whether the octets are the TBSCertList of a whole list of this issuer; of any
// when that is empty. kMalformed.
absl::Status CheckTbsCrl(absl::string_view tbs_der,
                         absl::string_view issuer_der,
                         SignatureAlgorithm algorithm);

// Which certificate is asked about.
struct OcspQuestion {
  std::string cert_id_der;  // as it came, and goes back
  bool sha1 = true;         // how issuer name and key are hashed; else SHA-256
  std::string issuer_name_hash;
  std::string issuer_key_hash;
  std::string serial;  // contents of the INTEGER

  // Of a CA with this name and key.
  bool IsOfIssuer(absl::string_view name_der, absl::string_view spki_der) const;
};

// At most 1 KiB. kMalformed for what does not parse, for more or less than one
// question (RFC 5019 section 2.1.1), and for hashes other than SHA-1 and
// SHA-256. Nonces are passed over: what is signed ahead cannot hold them (RFC
// 6960 section 4.4.1).
absl::StatusOr<OcspQuestion> ParseOcspRequest(absl::string_view der);

// The CertID of a certificate of this CA as nearly all ask for it: by SHA-1
// (RFC 5019 section 2.1.1).
std::string UsualCertId(absl::string_view issuer_name_der,
                        absl::string_view issuer_spki_der,
                        absl::string_view serial);

struct OcspForm {
  std::string cert_id_der;
  std::string responder_spki_der;
  absl::Time this_update;  // when it was made as well
  absl::Time next_update;
  std::optional<RevokedCertificate> revoked;  // none: good
};

// The ResponseData with one answer.
std::string EncodeOcspData(const OcspForm& form);

// Whether the octets are a ResponseData that says good or revoked of one
// certificate. kMalformed.
absl::Status CheckOcspData(absl::string_view data_der,
                           SignatureAlgorithm algorithm);

// The whole response, signed by the CA itself. Empty for an algorithm that is
// not known here.
std::string EncodeOcspResponse(absl::string_view data_der,
                               SignatureAlgorithm algorithm,
                               absl::string_view signature);

// A response without an answer, which nobody signs (RFC 6960 section 4.2.1).
enum class OcspError {
  kMalformedRequest = 1,
  kTryLater = 3,
  kUnauthorized = 6
};
std::string EncodeOcspError(OcspError error);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_STATUS_LISTS_H_
