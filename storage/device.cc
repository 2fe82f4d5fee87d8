#include "storage/device.h"

#include "openssl/sha.h"

namespace masa::storage {
namespace {

std::string Sha256(const std::string& input) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(input.data()), input.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace

int16_t BucketOf(const std::string& tenant_id,
                 const std::string& serial_number) {
  const std::string digest = Sha256(tenant_id + '\0' + serial_number);
  const auto high = static_cast<uint8_t>(digest[0]);
  const auto low = static_cast<uint8_t>(digest[1]);
  return static_cast<int16_t>((high << 2) | (low >> 6));
}

std::string DeviceIdOf(const std::string& tenant_id,
                       const std::string& serial_number,
                       const std::optional<std::string>& idevid_issuer) {
  return Sha256(tenant_id + '\0' + serial_number + '\0' +
                idevid_issuer.value_or(""))
      .substr(0, 16);
}

}  // namespace masa::storage
