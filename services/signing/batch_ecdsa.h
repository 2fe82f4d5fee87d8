// Many ECDSA signatures over P-256 at once. Each needs an inversion in the
// field and one modulo the order; a batch shares one of each (Montgomery's
// trick), with BoringSSL's own constant-time functions and no arithmetic of
// ours. Steps aside where that is not known to be right: see
// services/adr/0008-batches-share-their-inversions.md. Called by LocalSigner.
#ifndef SERVICES_SIGNING_BATCH_ECDSA_H_
#define SERVICES_SIGNING_BATCH_ECDSA_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "openssl/base.h"

namespace masa::signing {

using Sha256Digest = std::array<uint8_t, 32>;
using EcdsaNumbers = std::array<uint8_t, 64>;  // r || s, big-endian

// Thread-safe.
class BatchEcdsa {
 public:
  // Keeps a reference to `key`. Nothing, so that the caller signs one by one,
  // when the key is not on P-256 or its private number is not in this process
  // (an HSM's), when this BoringSSL is not the one that was examined, or when
  // signatures made for a try do not verify.
  static std::unique_ptr<BatchEcdsa> New(EVP_PKEY* key);

  // A signature per digest, in order. Each nonce is fresh randomness mixed with
  // the key and the digest, as ECDSA_sign mixes them. kSignerUnavailable for
  // all when BoringSSL fails.
  absl::StatusOr<std::vector<EcdsaNumbers>> Sign(
      absl::Span<const Sha256Digest> digests) const;

 private:
  explicit BatchEcdsa(EVP_PKEY* key);
  bool PassesSelfTest() const;

  bssl::UniquePtr<EVP_PKEY> key_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_BATCH_ECDSA_H_
