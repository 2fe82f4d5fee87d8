// The pieces that certificates, their requests, CRLs and OCSP responses are
// written from (RFC 5280), octet by octet: what comes out depends on no
// library's defaults. Pure.
#ifndef SERVICES_WIRE_X509_WRITE_H_
#define SERVICES_WIRE_X509_WRITE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"

namespace masa::wire {

// The AlgorithmIdentifier of a signature over an X.509 structure; empty when it
// is not known here.
std::string X509AlgorithmDer(SignatureAlgorithm algorithm);

// RFC 5280 section 4.1.2.5: UTCTime until 2049, whole seconds; 99991231235959Z
// for InfiniteFuture.
std::string X509TimeDer(absl::Time time);

// GeneralizedTime whatever the year, whole seconds.
std::string GeneralizedTimeDer(absl::Time time);

// One Extension; `oid` is the contents of the object identifier.
std::string ExtensionDer(absl::string_view oid, bool is_critical,
                         absl::string_view value);

// What stands behind a tag of SubjectPublicKeyInfo's BIT STRING; empty for what
// is none. A view into `spki_der`.
absl::string_view KeyBitsOf(absl::string_view spki_der);

// RFC 7093 section 2, method 1: of SHA-256 of the key the first 20 octets;
// empty for what is no SubjectPublicKeyInfo.
std::string KeyIdOfSpki(absl::string_view spki_der);

// The whole element of an object identifier, as 1.3.6.1.5.5.7.3.28; nothing
// for a text that is none.
std::optional<std::string> OidDer(absl::string_view dotted);

// SIGNED of RFC 5280: what is signed, the algorithm, the signature. Empty for
// an algorithm that is not known here.
std::string SignedDer(absl::string_view tbs_der, SignatureAlgorithm algorithm,
                      absl::string_view signature);

// The parts of what SignedDer made. kInvalidArgument for anything else.
struct SignedParts {
  std::string tbs_der;
  std::string signature;
};
absl::StatusOr<SignedParts> PartsOfSigned(absl::string_view der);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_X509_WRITE_H_
