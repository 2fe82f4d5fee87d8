#include "services/verification/held_links.h"

#include "openssl/digest.h"
#include "openssl/sha.h"

namespace masa::verification {

std::string HeldLinks::NameOf(const X509* certificate, const X509* issuer) {
  std::string name(2 * SHA256_DIGEST_LENGTH, '\0');
  auto* digests = reinterpret_cast<uint8_t*>(name.data());
  const bool digested =
      X509_digest(certificate, EVP_sha256(), digests, nullptr) == 1 &&
      X509_digest(issuer, EVP_sha256(), digests + SHA256_DIGEST_LENGTH,
                  nullptr) == 1;
  return digested ? name : "";
}

bool HeldLinks::Holds(const std::string& name) {
  const MutexLock lock(mutex_);
  return held_.contains(name);
}

void HeldLinks::Remember(const std::string& name) {
  if (name.empty()) {
    return;
  }
  const MutexLock lock(mutex_);
  if (held_.size() >= kMost) {
    // What is needed comes again at once.
    held_.clear();
  }
  held_.insert(name);
}

}  // namespace masa::verification
