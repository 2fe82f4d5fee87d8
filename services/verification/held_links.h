// Signatures of one CA over another that held: they will hold again, at any
// time and in any chain. Bounded; thread-safe.
#ifndef SERVICES_VERIFICATION_HELD_LINKS_H_
#define SERVICES_VERIFICATION_HELD_LINKS_H_

#include <string>
#include <unordered_set>

#include "absl/base/thread_annotations.h"
#include "openssl/x509.h"
#include "services/executor/mutex.h"

namespace masa::verification {

class HeldLinks {
 public:
  // The name of the link, by every octet of both certificates.
  static std::string NameOf(const X509* certificate, const X509* issuer);

  bool Holds(const std::string& name);
  void Remember(const std::string& name);

 private:
  // Strangers bring CAs too. Who is left out is verified again.
  static constexpr size_t kMost = 4096;

  Mutex mutex_;
  std::unordered_set<std::string> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_HELD_LINKS_H_
