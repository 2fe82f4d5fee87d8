// What is known of a signing key wherever it is kept: its chain, what it may
// sign, and the lint before it does.
#ifndef SERVICES_SIGNING_KEY_GUARD_H_
#define SERVICES_SIGNING_KEY_GUARD_H_

#include <memory>
#include <string>
#include <vector>

#include "openssl/evp.h"
#include "services/signing/signer.h"
#include "services/wire/known_parts.h"

namespace masa::signing {

// One key as its owner configures it.
struct KeySource {
  std::string name;
  std::string chain_pem;  // signer first, anchor last
  std::vector<Kind> kinds;
  // Signs vouchers without nonce and expires-on too (AMB-01).
  bool endless = false;
  // Whose operators make, activate and retire its versions; empty: nobody's.
  std::string tenant_id = {};
};

// Thread-safe after creation.
class KeyGuard {
 public:
  // kMisconfigured, naming the key, when the chain does not parse, its first
  // key is not P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits, or it is for
  // vouchers and for certificates too (OP-05).
  static absl::StatusOr<std::unique_ptr<const KeyGuard>> New(
      const KeySource& source);
  // Of a version, whose certificates are not known here. kMisconfigured for
  // another kind of key.
  static absl::StatusOr<std::unique_ptr<const KeyGuard>> ForKey(
      const KeySource& source, bssl::UniquePtr<EVP_PKEY> public_key);
  ~KeyGuard();

  const KeyDescription& description() const { return description_; }
  // Owned by this.
  EVP_PKEY* public_key() const { return public_key_.get(); }

  // kKeyNotForThis, by kind or lint.
  absl::Status Check(const ToBeSigned& item) const;

  // Of each item a place in `signatures`: empty where it may be signed, else
  // the refusal. The numbers of those that may.
  std::vector<size_t> CheckAll(
      absl::Span<const ToBeSigned> items,
      std::vector<absl::StatusOr<std::string>>* signatures) const;

  // kKeyUnknown.
  static absl::Status Unknown(const std::string& name);

  // kMisconfigured: the signing key of this name, and what is wrong with it.
  static absl::Status Wrong(const std::string& name, absl::string_view what);

 private:
  static absl::StatusOr<std::unique_ptr<const KeyGuard>> Make(
      const KeySource& source, bssl::UniquePtr<EVP_PKEY> public_key,
      std::vector<std::string> chain_der);
  bool MaySign(Kind kind) const;
  explicit KeyGuard(bool endless) : endless_(endless) {}

  KeyDescription description_;
  std::string subject_der_;  // of its own certificate; empty: not known here
  bssl::UniquePtr<EVP_PKEY> public_key_;
  const bool endless_;
  mutable wire::KnownParts known_parts_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_GUARD_H_
