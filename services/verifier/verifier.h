// Asks whether others' signatures and chains hold. Declared on the ground
// floor and passed in, so that wire and rules stay pure; made in
// services/verification. Implementations are thread-safe and never do I/O.
#ifndef SERVICES_VERIFIER_VERIFIER_H_
#define SERVICES_VERIFIER_VERIFIER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa {

enum class SignatureAlgorithm {
  kEcdsaP256Sha256 = 1,  // DER-encoded ECDSA-Sig-Value
  kEcdsaP384Sha384 = 2,
  kRsaPkcs1Sha256 = 3,
  kEd25519 = 4,
  kEcdsaSha256 = 5,  // any supported curve with SHA-256, as CMS allows
  kEcdsaSha384 = 6,
  kEcdsaSha512 = 7,
  kRsaPkcs1Sha384 = 8,
  kRsaPkcs1Sha512 = 9,
};

struct ChainQuestion {
  std::string leaf_der;
  std::vector<std::string> intermediates_der;  // any order, may hold strangers
  std::vector<std::string> anchors_der;        // trusted for this question only
  absl::Time at;
  // IDevIDs outlive their dates by vendor policy (PV-22).
  bool ignore_validity = false;
  // The leaf is a device's own, of which there are millions: not worth
  // remembering.
  bool asked_once = false;
};

struct VerifiedChain {
  std::vector<std::string> chain_der;  // leaf first, anchor last
  absl::Time not_after;                // earliest end among them
};

class Verifier {
 public:
  virtual ~Verifier() = default;

  // OK when `signature` over `message` was made by the key in `spki_der`;
  // kSignatureInvalid otherwise, also for keys below the size limits (SE-04).
  virtual absl::Status VerifySignature(SignatureAlgorithm algorithm,
                                       absl::string_view spki_der,
                                       absl::string_view message,
                                       absl::string_view signature) const = 0;

  // The chain from leaf to an anchor, purposes not judged (RV-10). A leaf that
  // is itself an anchor is a chain of one. kChainInvalid or
  // kCertificateExpired otherwise.
  virtual absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const = 0;
};

}  // namespace masa

#endif  // SERVICES_VERIFIER_VERIFIER_H_
