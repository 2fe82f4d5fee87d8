// A public key that is asked again and again, read once and with its table.
#ifndef SERVICES_VERIFICATION_HOT_KEY_H_
#define SERVICES_VERIFICATION_HOT_KEY_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "services/verification/p256_table.h"

namespace masa::verification {

// Immutable, so thread-safe.
class HotKey {
 public:
  // Null for whatever P256Table makes no table for, and for what does not
  // parse.
  static std::unique_ptr<const HotKey> New(absl::string_view spki_der);

  // Whether this key made `signature`, a DER ECDSA-Sig-Value, over the SHA-256
  // of `message`: what ECDSA_verify answers.
  bool Verifies(absl::string_view message, absl::string_view signature) const;

 private:
  explicit HotKey(std::unique_ptr<const P256Table> table);

  const std::unique_ptr<const P256Table> table_;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_HOT_KEY_H_
