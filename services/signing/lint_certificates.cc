// The lint of what a key signs as a CA.
#include "absl/strings/str_cat.h"
#include "services/signing/lint.h"
#include "services/status/reason.h"
#include "services/wire/certificate_form.h"
#include "services/wire/status_lists.h"

namespace masa::signing {
namespace {

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis,
                absl::StrCat("the lint before the key refuses: ", what));
}

absl::Status NoUnless(const absl::Status& held) {
  return held.ok() ? held : No(held.message());
}

}  // namespace

absl::Status LintCertificate(const ToBeSigned& item,
                             SignatureAlgorithm algorithm,
                             absl::string_view spki_der,
                             absl::string_view issuer_der) {
  const wire::CertificateForm* form = item.certificate();
  if (form == nullptr || !item.content().empty()) {
    return No("nobody says what the certificate shall be");
  }
  if (form->algorithm != algorithm) {
    return No("the certificate is for a key of another algorithm");
  }
  if (form->spki_der == spki_der) {
    return No("the certificate is for the CA's own key");
  }
  if (!issuer_der.empty() && form->issuer_der != issuer_der) {
    return No("the certificate is of another issuer");
  }
  return NoUnless(wire::CheckTbsCertificate(item.octets(), *form));
}

absl::Status LintCrl(const ToBeSigned& item, SignatureAlgorithm algorithm,
                     absl::string_view issuer_der) {
  return item.content().empty()
             ? NoUnless(wire::CheckTbsCrl(item.octets(), issuer_der, algorithm))
             : No("a CRL has no content beside it");
}

absl::Status LintOcspResponse(const ToBeSigned& item,
                              SignatureAlgorithm algorithm) {
  return item.content().empty()
             ? NoUnless(wire::CheckOcspData(item.octets(), algorithm))
             : No("an OCSP response has no content beside it");
}

}  // namespace masa::signing
