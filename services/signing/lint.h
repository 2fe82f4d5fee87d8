// The check next to the key: what is about to be signed is read back and held
// against what the caller said it should be. Pure, thread-safe, fast: it runs
// for every voucher.
#ifndef SERVICES_SIGNING_LINT_H_
#define SERVICES_SIGNING_LINT_H_

#include "absl/status/status.h"
#include "services/signing/to_be_signed.h"
#include "services/verifier/verifier.h"
#include "services/wire/known_parts.h"

namespace masa::signing {

// kKeyNotForThis, naming what differs, unless
// - what is to be signed covers the content as the format says (for CMS: the
//   signed attributes are exactly content-type, signing-time and the content's
//   message-digest; for JWS: the input is a header of this algorithm and the
//   content);
// - the content reads back as a voucher equal to what is expected, field for
//   field;
// - it pins something (VI-16), names an assertion and a serial (VL-01), and has
//   a nonce or an expiry but never both (VL-02); and neither, or an expiry that
//   is beyond kLongestLifetime, with a key for `endless` vouchers alone
//   (AMB-01).
// A part that `known` has is not read again.
absl::Status LintVoucher(const ToBeSigned& item, SignatureAlgorithm algorithm,
                         bool endless = false,
                         wire::KnownParts* known = nullptr);

// kKeyNotForThis, naming what differs, unless the octets are an ownership root
// that says what the caller means.
absl::Status LintOwnershipRoot(const ToBeSigned& item);

// The same for a checkpoint of a log.
absl::Status LintCheckpoint(const ToBeSigned& item);

// The same for what is said of an escrow bundle.
absl::Status LintManifest(const ToBeSigned& item);

// kKeyNotForThis unless the octets ask for a certificate of this very key.
absl::Status LintCertificateRequest(const ToBeSigned& item,
                                    absl::string_view spki_der);

// What is signed as a CA. kKeyNotForThis, naming what is wrong, unless the
// octets are what the caller means (wire/certificate_form.h), or say something
// of certificates of this CA (wire/status_lists.h). `issuer_der` is the name in
// the key's own certificate; empty where the key does not know it.
absl::Status LintCertificate(const ToBeSigned& item,
                             SignatureAlgorithm algorithm,
                             absl::string_view spki_der,
                             absl::string_view issuer_der);
absl::Status LintCrl(const ToBeSigned& item, SignatureAlgorithm algorithm,
                     absl::string_view issuer_der);
absl::Status LintOcspResponse(const ToBeSigned& item,
                              SignatureAlgorithm algorithm);

// kKeyNotForThis unless the octets begin with kTestLabel and are short.
absl::Status LintTest(const ToBeSigned& item);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_LINT_H_
