// Remembers chains that held, so that nothing is verified twice. Signatures
// are passed through: no two are alike. Thread-safe.
#ifndef SERVICES_VERIFICATION_CACHING_VERIFIER_H_
#define SERVICES_VERIFICATION_CACHING_VERIFIER_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/observe/cache_counts.h"
#include "services/verifier/verifier.h"

namespace masa::verification {

class CachingVerifier final : public Verifier {
 public:
  // `verifier` outlives this; at most `capacity` chains are kept. Large caches
  // are split by digest, each part with its own lock; in each part the chain
  // asked for longest ago leaves first.
  CachingVerifier(const Verifier& verifier, size_t capacity);

  absl::Status VerifySignature(SignatureAlgorithm algorithm,
                               absl::string_view spki_der,
                               absl::string_view message,
                               absl::string_view signature) const override {
    return verifier_.VerifySignature(algorithm, spki_der, message, signature);
  }

  // A remembered chain answers for times from when it was verified until its
  // earliest notAfter; other times, chains that failed, and what is asked once
  // are asked behind it.
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override;

  // Hits are chains that were remembered; what is asked once does not count.
  const CacheCounts& counts() const { return counts_; }

 private:
  struct Entry {
    std::string digest;
    absl::Time verified_at;
    VerifiedChain chain;
  };

  struct Shard {
    absl::Mutex mutex;
    std::list<Entry> entries ABSL_GUARDED_BY(mutex);  // newest first
    std::unordered_map<std::string, std::list<Entry>::iterator> index
        ABSL_GUARDED_BY(mutex);
  };

  Shard& ShardOf(const std::string& digest) const;

  const Verifier& verifier_;
  const size_t shard_capacity_;
  const std::vector<std::unique_ptr<Shard>> shards_;
  mutable CacheCounts counts_;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_CACHING_VERIFIER_H_
