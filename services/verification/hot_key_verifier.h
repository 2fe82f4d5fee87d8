// Verifies what hot keys signed by their tables: registrars' requests, and
// IDevIDs under their few issuers. A table's yes is final; everything else is
// asked of the verifier behind, so nothing is accepted or refused that it
// would not, and refusals are its own. Thread-safe.
#ifndef SERVICES_VERIFICATION_HOT_KEY_VERIFIER_H_
#define SERVICES_VERIFICATION_HOT_KEY_VERIFIER_H_

#include <optional>

#include "openssl/x509.h"
#include "services/observe/cache_counts.h"
#include "services/verification/held_links.h"
#include "services/verification/hot_keys.h"
#include "services/verification/known_forms.h"
#include "services/verification/parsed_certificates.h"
#include "services/verifier/verifier.h"

namespace masa::verification {

class HotKeyVerifier final : public Verifier {
 public:
  // `verifier` outlives this.
  explicit HotKeyVerifier(const Verifier& verifier,
                          const HotKeyLimits& limits = {})
      : verifier_(verifier), keys_(limits) {}

  absl::Status VerifySignature(SignatureAlgorithm algorithm,
                               absl::string_view spki_der,
                               absl::string_view message,
                               absl::string_view signature) const override;

  // By X509_verify_cert, but for the signatures: those of hot keys are checked
  // by table, those of a CA over another once. A leaf like one that it accepted
  // under the same anchor, it is not asked about again.
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override;

  // Of the keys' tables, and of the forms of leaves.
  const CacheCounts& key_counts() const { return keys_.counts(); }
  const CacheCounts& form_counts() const { return form_counts_; }

 private:
  // Nothing where X509_verify_cert is to be asked.
  std::optional<VerifiedChain> VerifyByForm(const ChainQuestion& question,
                                            const LeafForm& form) const;
  bool LinkHolds(X509* certificate, X509* issuer) const;
  bool KeySigned(X509* certificate, X509* issuer) const;

  const Verifier& verifier_;
  const ParsedCertificates parsed_;
  mutable HotKeys keys_;
  mutable HeldLinks links_;
  mutable KnownForms forms_{parsed_};
  mutable CacheCounts form_counts_;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_HOT_KEY_VERIFIER_H_
