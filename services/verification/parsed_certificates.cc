#include "services/verification/parsed_certificates.h"

#include <utility>

namespace masa::verification {

bssl::UniquePtr<X509> ParseX509(const std::string& der) {
  const auto* begin = reinterpret_cast<const uint8_t*>(der.data());
  const uint8_t* cursor = begin;
  bssl::UniquePtr<X509> parsed(
      d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  return cursor == begin + der.size() ? std::move(parsed) : nullptr;
}

bssl::UniquePtr<X509> ParsedCertificates::Get(const std::string& der) const {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = parsed_.find(der);
    if (found != parsed_.end()) {
      return bssl::UpRef(found->second);
    }
  }
  bssl::UniquePtr<X509> parsed = ParseX509(der);
  if (parsed == nullptr || der.size() > kMostOctets) {
    return parsed;
  }
  absl::MutexLock lock(&mutex_);
  if (parsed_.size() >= kMost) {
    // What is needed comes again at once; nothing is lost but its parsing.
    parsed_.clear();
  }
  parsed_[der] = bssl::UpRef(parsed);
  return parsed;
}

}  // namespace masa::verification
