// Path building and checking by X509_verify_cert, for both verifiers.
#ifndef SERVICES_VERIFICATION_EXAMINE_CHAIN_H_
#define SERVICES_VERIFICATION_EXAMINE_CHAIN_H_

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "openssl/x509.h"
#include "services/verification/parsed_certificates.h"
#include "services/verifier/verifier.h"

namespace masa::verification {

// Whether the key of `issuer` signed `certificate`: what X509_verify answers.
using LinkCheck = std::function<bool(X509* certificate, X509* issuer)>;

// Whether the question's time, in whole seconds, lies between these two, as
// X509_cmp_time judges it; always for a question without time.
bool IsInTime(absl::Time not_before, absl::Time not_after,
              const ChainQuestion& question);

// InfinitePast for what is no time.
absl::Time TimeOf(const ASN1_TIME* time);
// Nothing for what X509_cmp_time takes for no time of a certificate.
std::optional<absl::Time> StrictTimeOf(const ASN1_TIME* time);

// What Verifier::VerifyChain promises. Thread-safe. Signatures are checked by
// `link_holds`, or by X509_verify_cert itself where that is null. With it a
// refusal may give another reason: ask again without for the right one.
absl::StatusOr<VerifiedChain> ExamineChain(
    const ChainQuestion& question, const ParsedCertificates& parsed,
    const LinkCheck& link_holds = nullptr);

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_EXAMINE_CHAIN_H_
