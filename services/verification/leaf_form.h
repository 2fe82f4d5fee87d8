// A plain device certificate taken apart: what it shares with all that its
// issuer made alike, and what is its own. Two of one form differ in nothing
// that X509_verify_cert looks at but the times and the signature.
#ifndef SERVICES_VERIFICATION_LEAF_FORM_H_
#define SERVICES_VERIFICATION_LEAF_FORM_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::verification {

// Looks into the certificate's octets.
struct LeafForm {
  // Version, algorithms, issuer, the kinds of the subject's names, and every
  // extension but the octets of the subject key identifier.
  std::string shared;
  absl::Time not_before;
  absl::Time not_after;
  absl::string_view tbs;        // what is signed, whole
  absl::string_view signature;  // by ECDSA with SHA-256
};

// Nothing for whatever is not plain, good or bad: another algorithm or a key
// not on P-256, names that are no ASCII text, a subject without serialNumber
// or an issuer with one (so that no leaf issues itself), unique identifiers,
// times written otherwise than RFC 5280 section 4.1.2.5 says, a subject key
// identifier of other than 20 octets, and all that is not DER.
std::optional<LeafForm> FormOfLeaf(absl::string_view der);

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_LEAF_FORM_H_
