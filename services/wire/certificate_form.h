// The certificates that we issue: what one says, as a value, and its octets
// (RFC 5280). End entities only; a CA never comes from here. Pure.
#ifndef SERVICES_WIRE_CERTIFICATE_FORM_H_
#define SERVICES_WIRE_CERTIFICATE_FORM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"

namespace masa::wire {

// All that a certificate of ours says. Texts of URLs are ASCII.
struct CertificateForm {
  std::string serial;  // contents of the INTEGER: 8 to 20 octets, positive
  std::string issuer_der;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  std::string authority_key_id;  // the issuer's key identifier
  std::string subject_der;
  std::string spki_der;
  absl::Time not_before;
  absl::Time not_after;  // InfiniteFuture: 99991231235959Z
  std::string masa_url;  // RFC 8995 section 2.3.2; empty: none
  std::string crl_url;   // empty: none
  std::string ocsp_url;  // empty: none
  std::vector<std::string> extended_key_usages;  // dotted
  std::vector<std::string> dns_names;

  bool operator==(const CertificateForm&) const = default;
};

// The TBSCertificate: the same octets for the same form. kInvalidArgument when
// a field cannot be encoded.
absl::StatusOr<std::string> EncodeTbsCertificate(const CertificateForm& form);

// Whether the octets are the TBSCertificate of this form and pass the basics of
// RFC 5280: they read back field by field, no extension stands twice, the
// serial number is positive and has 64 random bits or more of room, the
// validity is in order, it is no CA's. kMalformed, naming what is wrong.
absl::Status CheckTbsCertificate(absl::string_view tbs_der,
                                 const CertificateForm& form);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CERTIFICATE_FORM_H_
