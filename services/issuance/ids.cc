#include "services/issuance/ids.h"

#include "openssl/rand.h"
#include "openssl/sha.h"

namespace masa::issuance {

std::string NewId(absl::Time now) {
  std::string id(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(id.data()), id.size());
  const int64_t millis = absl::ToUnixMillis(now);
  for (int i = 0; i < 6; ++i) {
    id[i] = static_cast<char>(millis >> (8 * (5 - i)));
  }
  id[6] = static_cast<char>((id[6] & 0x0f) | 0x70);
  id[8] = static_cast<char>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string Sha256(absl::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace masa::issuance
