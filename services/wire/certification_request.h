// PKCS#10 certification requests of others (RFC 2986), read. Pure: whether the
// key signed it is the Verifier's to say.
#ifndef SERVICES_WIRE_CERTIFICATION_REQUEST_H_
#define SERVICES_WIRE_CERTIFICATION_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/wire/revocation.h"

namespace masa::wire {

// One attribute of a distinguished name.
struct NameAttribute {
  std::string type;  // contents of the object identifier
  // UTF-8 without control characters. Empty for a value that is no such text,
  // has a character that its string type has not, or, of serialNumber, is no
  // PrintableString.
  std::string text;
};

// Contents of object identifiers of attributes (X.520).
inline constexpr absl::string_view kNameSerialNumber("\x55\x04\x05", 3);
inline constexpr absl::string_view kNameCommonName("\x55\x04\x03", 3);
inline constexpr absl::string_view kNameOrganization("\x55\x04\x0a", 3);

struct CertificationRequest {
  std::string der;
  std::string subject_der;
  std::vector<NameAttribute> subject;
  std::string spki_der;
  // As RFC 5280 has them: of the attribute extensionRequest, where it has one.
  std::vector<std::string> dns_names;
  bool has_other_names = false;   // alternative names that are no dNSNames
  std::string alternative_names;  // value of the extension; empty: none
  std::optional<std::string> challenge_password;
  // Has the attribute DecryptKeyIdentifier or AsymmetricDecryptKeyIdentifier
  // (RFC 7030 section 4.4.1).
  bool names_decrypt_key = false;
  X509Signature signature;  // empty where its algorithm is not known here
};

// Whether it may be a PrintableString, as a serialNumber is.
bool IsPrintableString(absl::string_view text);

// kMalformed for anything but exactly one request of at most 16 KiB, naming
// what is wrong with it.
absl::StatusOr<CertificationRequest> ParseCertificationRequest(
    absl::string_view der);

// The value of the extension subjectAltName of a certificate, DER; empty when
// it has none or is no certificate.
std::string AlternativeNamesOf(absl::string_view certificate_der);

// What kind of key a SubjectPublicKeyInfo is of.
enum class KeyShape {
  kOther = 0,
  kP256 = 1,
  kP384 = 2,
  kEd25519 = 3,
  kRsa = 4,  // of 2048 to 4096 bits, with an exponent of at least 65537
};

// kOther for what does not parse, for points not on their curve, and for every
// kind, size and exponent that is not named above.
KeyShape ShapeOfKey(absl::string_view spki_der);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CERTIFICATION_REQUEST_H_
