// ECDSA verification on P-256 with the key's multiples at hand, three times as
// fast as without. The one file that sees BoringSSL's internals: the sequence
// is that of its ECDSA_do_verify, each step its own function, and only the
// doublings are left out. Variable in time, as all verification is.
#ifndef SERVICES_VERIFICATION_P256_TABLE_H_
#define SERVICES_VERIFICATION_P256_TABLE_H_

#include <array>
#include <cstdint>
#include <memory>

#include "openssl/base.h"
#include "openssl/sha.h"

namespace masa::verification {

// Immutable, so thread-safe.
class P256Table {
 public:
  using Digest = std::array<uint8_t, SHA256_DIGEST_LENGTH>;

  // 150 KB, made in 2 ms. Null for a key on another curve, on a processor or
  // with a BoringSSL for which this was not written, and when table and
  // BoringSSL multiply to different points.
  static std::unique_ptr<const P256Table> New(const EC_KEY* key);
  ~P256Table();

  // What ECDSA_do_verify answers with the same key.
  bool Verifies(const Digest& digest, const ECDSA_SIG* signature) const;

 private:
  class Multiples;

  explicit P256Table(std::unique_ptr<const Multiples> of_key);

  const std::unique_ptr<const Multiples> of_key_;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_P256_TABLE_H_
