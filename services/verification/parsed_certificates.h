// Certificates that come again and again, parsed once: IDevID anchors and the
// CAs above registrars. Bounded; thread-safe.
#ifndef SERVICES_VERIFICATION_PARSED_CERTIFICATES_H_
#define SERVICES_VERIFICATION_PARSED_CERTIFICATES_H_

#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "openssl/base.h"
#include "openssl/x509.h"

namespace masa::verification {

class ParsedCertificates {
 public:
  // A reference of the caller's own; null for what does not parse. BoringSSL's
  // X509 is safe to share for reading.
  bssl::UniquePtr<X509> Get(const std::string& der) const;

 private:
  // Strangers bring CAs too: at most 4 MiB of octets are remembered.
  static constexpr size_t kMost = 1024;
  static constexpr size_t kMostOctets = 4096;

  mutable absl::Mutex mutex_;
  mutable std::unordered_map<std::string, bssl::UniquePtr<X509>> parsed_
      ABSL_GUARDED_BY(mutex_);
};

// Parses without remembering.
bssl::UniquePtr<X509> ParseX509(const std::string& der);

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_PARSED_CERTIFICATES_H_
