// SHA-256 of many messages that begin alike, as the vouchers of one template
// do, most of all in JWS, where the chain stands first. Called by LocalSigner.
#ifndef SERVICES_SIGNING_BATCH_DIGEST_H_
#define SERVICES_SIGNING_BATCH_DIGEST_H_

#include "absl/strings/string_view.h"
#include "openssl/sha.h"
#include "services/signing/batch_ecdsa.h"

namespace masa::signing {

// Hashes once what two messages of a batch have in common at their start.
// Thread-safe after construction.
class BatchDigest {
 public:
  // Looks into `one`, which outlives it.
  BatchDigest(absl::string_view one, absl::string_view another);

  // The digest of any message; quicker when it begins like the two.
  Sha256Digest Of(absl::string_view message) const;

 private:
  absl::string_view start_;  // whole blocks
  SHA256_CTX after_start_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_BATCH_DIGEST_H_
