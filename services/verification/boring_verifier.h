// `Verifier` on BoringSSL. Pure computation: no I/O, no default trust, no
// memory between calls. Thread-safe.
#ifndef SERVICES_VERIFICATION_BORING_VERIFIER_H_
#define SERVICES_VERIFICATION_BORING_VERIFIER_H_

#include "services/verification/parsed_certificates.h"
#include "services/verifier/verifier.h"

namespace masa::verification {

class BoringVerifier final : public Verifier {
 public:
  // Keys: ECDSA on P-256, P-384, P-521; RSA of 2048 to 4096 bits with PKCS#1
  // v1.5 (RV-33); Ed25519.
  absl::Status VerifySignature(SignatureAlgorithm algorithm,
                               absl::string_view spki_der,
                               absl::string_view message,
                               absl::string_view signature) const override;

  // Path building of RFC 5280 with partial chains, at most 8 certificates.
  // Extended key usages are not judged (RV-10).
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override;

 private:
  ParsedCertificates parsed_;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_BORING_VERIFIER_H_
