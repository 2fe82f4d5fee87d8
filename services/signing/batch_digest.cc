#include "services/signing/batch_digest.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace masa::signing {

BatchDigest::BatchDigest(absl::string_view one, absl::string_view another) {
  const size_t both = std::min(one.size(), another.size());
  const size_t same =
      std::mismatch(one.begin(), one.begin() + both, another.begin()).first -
      one.begin();
  start_ = one.substr(0, same - same % SHA256_CBLOCK);
  SHA256_Init(&after_start_);
  SHA256_Update(&after_start_, start_.data(), start_.size());
}

Sha256Digest BatchDigest::Of(absl::string_view message) const {
  SHA256_CTX hash;
  if (absl::StartsWith(message, start_)) {
    hash = after_start_;
    message.remove_prefix(start_.size());
  } else {
    SHA256_Init(&hash);
  }
  Sha256Digest digest;
  SHA256_Update(&hash, message.data(), message.size());
  SHA256_Final(digest.data(), &hash);
  return digest;
}

}  // namespace masa::signing
