#include "services/verification/caching_verifier.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"

namespace masa::verification {
namespace {

// Every field with its length, so that no two questions share a digest.
std::string DigestOf(const ChainQuestion& question) {
  SHA256_CTX context;
  SHA256_Init(&context);
  const auto add = [&context](const std::string& field) {
    const std::string length = absl::StrCat(field.size(), ":");
    SHA256_Update(&context, length.data(), length.size());
    SHA256_Update(&context, field.data(), field.size());
  };
  add(question.ignore_validity ? "any time" : "in time");
  add(question.leaf_der);
  add(absl::StrCat(question.intermediates_der.size()));
  for (const std::string& der : question.intermediates_der) {
    add(der);
  }
  for (const std::string& der : question.anchors_der) {
    add(der);
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<uint8_t*>(digest.data()), &context);
  return digest;
}

constexpr size_t kMaxShards = 16;
constexpr size_t kLeastPerShard = 64;

size_t ShardCount(size_t capacity) {
  return std::clamp<size_t>(capacity / kLeastPerShard, 1, kMaxShards);
}

template <typename T>
std::vector<std::unique_ptr<T>> MakeShards(size_t count) {
  std::vector<std::unique_ptr<T>> shards(count);
  for (std::unique_ptr<T>& shard : shards) {
    shard = std::make_unique<T>();
  }
  return shards;
}

}  // namespace

CachingVerifier::CachingVerifier(const Verifier& verifier, size_t capacity)
    : verifier_(verifier),
      shard_capacity_(capacity / ShardCount(capacity)),
      shards_(MakeShards<Shard>(ShardCount(capacity))) {}

CachingVerifier::Shard& CachingVerifier::ShardOf(
    const std::string& digest) const {
  return *shards_[static_cast<uint8_t>(digest[0]) % shards_.size()];
}

absl::StatusOr<VerifiedChain> CachingVerifier::VerifyChain(
    const ChainQuestion& question) const {
  if (question.asked_once) {
    return verifier_.VerifyChain(question);
  }
  const std::string digest = DigestOf(question);
  Shard& shard = ShardOf(digest);
  {
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.index.find(digest);
    if (found != shard.index.end()) {
      const Entry& entry = *found->second;
      const bool in_time = question.at >= entry.verified_at &&
                           question.at <= entry.chain.not_after;
      if (in_time || question.ignore_validity) {
        shard.entries.splice(shard.entries.begin(), shard.entries,
                             found->second);
        counts_.Asked(true);
        return entry.chain;
      }
    }
  }
  counts_.Asked(false);
  MASA_ASSIGN_OR_RETURN(VerifiedChain chain, verifier_.VerifyChain(question));
  absl::MutexLock lock(&shard.mutex);
  if (const auto found = shard.index.find(digest); found != shard.index.end()) {
    shard.entries.erase(found->second);
    shard.index.erase(found);
  }
  shard.entries.push_front(Entry{digest, question.at, chain});
  shard.index[digest] = shard.entries.begin();
  if (shard.entries.size() > shard_capacity_) {
    shard.index.erase(shard.entries.back().digest);
    shard.entries.pop_back();
  }
  return chain;
}

}  // namespace masa::verification
