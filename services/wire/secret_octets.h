// Octets that nobody but their receiver may see, as a private key's: not
// printed, not copied, overwritten at their end.
#ifndef SERVICES_WIRE_SECRET_OCTETS_H_
#define SERVICES_WIRE_SECRET_OCTETS_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "openssl/mem.h"

namespace masa::wire {

// Overwrites what the string holds, and empties it.
inline void Wipe(std::string* secret) {
  OPENSSL_cleanse(secret->data(), secret->size());
  secret->clear();
}

class SecretOctets {
 public:
  explicit SecretOctets(std::string octets) : octets_(std::move(octets)) {}
  ~SecretOctets() { Wipe(&octets_); }
  SecretOctets(const SecretOctets&) = delete;
  SecretOctets& operator=(const SecretOctets&) = delete;

  // For who sends them to their receiver; valid as long as this.
  absl::string_view Reveal() const { return octets_; }

 private:
  std::string octets_;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_SECRET_OCTETS_H_
