#include "services/verification/caching_verifier.h"

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

}  // namespace

absl::StatusOr<VerifiedChain> CachingVerifier::VerifyChain(
    const ChainQuestion& question) const {
  const std::string digest = DigestOf(question);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = index_.find(digest);
    if (found != index_.end()) {
      const Entry& entry = *found->second;
      const bool in_time = question.at >= entry.verified_at &&
                           question.at <= entry.chain.not_after;
      if (in_time || question.ignore_validity) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return entry.chain;
      }
    }
  }
  MASA_ASSIGN_OR_RETURN(VerifiedChain chain, verifier_.VerifyChain(question));
  absl::MutexLock lock(&mutex_);
  if (const auto found = index_.find(digest); found != index_.end()) {
    entries_.erase(found->second);
    index_.erase(found);
  }
  entries_.push_front(Entry{digest, question.at, chain});
  index_[digest] = entries_.begin();
  if (entries_.size() > capacity_) {
    index_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  return chain;
}

}  // namespace masa::verification
