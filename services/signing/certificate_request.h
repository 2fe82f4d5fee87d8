// PKCS#10 requests for a certificate (RFC 2986): what is signed, and the whole.
// Pure. The key signs the first part as kind CERTIFICATE_REQUEST.
#ifndef SERVICES_SIGNING_CERTIFICATE_REQUEST_H_
#define SERVICES_SIGNING_CERTIFICATE_REQUEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

// A distinguished name from text as `CN=ACME voucher signer,O=ACME,C=DE`, of
// CN, O, OU, C, L, ST and SERIALNUMBER in that order of the text; `\,` is a
// comma within a value. kInvalidArgument, saying what is wrong.
absl::StatusOr<std::string> NameDerOf(const std::string& text);

// The CertificationRequestInfo of this name and key, without attributes.
std::string EncodeRequestInfo(absl::string_view name_der,
                              absl::string_view spki_der);

// The whole request. kInvalidArgument for an algorithm that is not known here.
absl::StatusOr<std::string> EncodeRequest(absl::string_view info_der,
                                          SignatureAlgorithm algorithm,
                                          absl::string_view signature);

// False unless the octets are what EncodeRequestInfo makes of this key and some
// name.
bool IsRequestInfoOf(absl::string_view octets, absl::string_view spki_der);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_CERTIFICATE_REQUEST_H_
