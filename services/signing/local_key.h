// One key in this process's memory: its guard, its private part, and how a
// batch is signed with it. LocalSigner's own.
#ifndef SERVICES_SIGNING_LOCAL_KEY_H_
#define SERVICES_SIGNING_LOCAL_KEY_H_

#include <memory>
#include <string>
#include <vector>

#include "openssl/base.h"
#include "services/signing/batch_ecdsa.h"
#include "services/signing/key_guard.h"

namespace masa::signing {

// Thread-safe.
class LocalKey {
 public:
  // The private part is PKCS#8 PEM, encrypted when the passphrase is set.
  // kMisconfigured, naming the key and never its octets, when something does
  // not parse, or key and first certificate do not belong together. A source
  // without a chain is of a version, whose certificates are elsewhere.
  static absl::StatusOr<std::shared_ptr<const LocalKey>> New(
      const KeySource& source, const std::string& private_key_pem,
      const std::string& passphrase);

  const KeyDescription& description() const { return guard_->description(); }

  // As Signer::Sign has it.
  std::vector<absl::StatusOr<std::string>> Sign(
      absl::Span<const ToBeSigned> items) const;

 private:
  LocalKey() = default;
  // Signs the items at `good`, with a `batch`.
  void SignTogether(absl::Span<const ToBeSigned> items,
                    const std::vector<size_t>& good,
                    std::vector<absl::StatusOr<std::string>>* signatures) const;
  absl::StatusOr<std::string> SignOne(const std::string& message) const;
  absl::StatusOr<std::string> SignEcdsa(const std::string& message) const;
  size_t DigestOctets() const;

  std::unique_ptr<const KeyGuard> guard_;
  bssl::UniquePtr<EVP_PKEY> private_key_;
  std::unique_ptr<BatchEcdsa> batch_;  // none: one by one
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_LOCAL_KEY_H_
