#include "storage/device.h"

#include <utility>

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

Device ForOrder(Device device) {
  Device made;
  made.tenant_id = std::move(device.tenant_id);
  made.serial_number = std::move(device.serial_number);
  made.idevid_issuer = std::move(device.idevid_issuer);
  made.product_id = std::move(device.product_id);
  made.organization_id = std::move(device.organization_id);
  made.group_id = std::move(device.group_id);
  made.state = device.state;
  made.labels = std::move(device.labels);
  made.device_id = std::move(device.device_id);
  made.bucket = device.bucket;
  made.version = device.version;
  return made;
}

}  // namespace masa::storage
