// Two words that writing DER by BoringSSL's CBB lacks.
#ifndef SERVICES_SIGNING_DER_BUILDER_H_
#define SERVICES_SIGNING_DER_BUILDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "openssl/bytestring.h"
#include "openssl/mem.h"

namespace masa::signing {

inline void Append(CBB* cbb, absl::string_view octets) {
  CBB_add_bytes(cbb, reinterpret_cast<const uint8_t*>(octets.data()),
                octets.size());
}

// What was built; empty when any step of it failed. Whatever was begun within
// `cbb` lives until here, or was flushed while it lived.
inline std::string Finished(CBB* cbb) {
  uint8_t* octets = nullptr;
  size_t length = 0;
  if (CBB_finish(cbb, &octets, &length) != 1) {
    return "";
  }
  std::string der(reinterpret_cast<const char*>(octets), length);
  OPENSSL_free(octets);
  return der;
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_DER_BUILDER_H_
