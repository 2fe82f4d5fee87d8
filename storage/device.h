// Devices as the manufacturer recorded them. Pure values.
#ifndef STORAGE_DEVICE_H_
#define STORAGE_DEVICE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace masa::storage {

enum class DeviceState {
  kManufactured = 1,
  kAllocated = 2,
  kClaimed = 3,
  kInTransfer = 4,
  kReturned = 5,
  kBlocked = 6,
  kScrapped = 7,
};

// How a caller names a device. Without an issuer the serial must be unique in
// the tenant (RV-13).
struct DeviceKey {
  std::string tenant_id;
  std::string serial_number;                 // compared exactly
  std::optional<std::string> idevid_issuer;  // keyIdentifier octets, raw
  // The manufacturer's enterprise number, where a caller said one: for use
  // cases to check. No store looks at it.
  std::string ien = {};
};

// What is seldom asked for, and by nobody who decides.
struct DeviceDetails {
  std::string hw_version;
  std::string ek_cert_der;         // of the TPM's endorsement key
  std::string ppk_public_key_der;  // the TPM's platform primary key
  std::optional<absl::Time> manufactured_at;
  std::optional<absl::Time> shipped_at;
  std::string sales_order;

  bool operator==(const DeviceDetails&) const = default;
};

struct Device {
  std::string tenant_id;
  std::string serial_number;
  std::optional<std::string> idevid_issuer;
  std::string product_id;
  std::string organization_id;  // empty: no recorded owner
  std::string group_id;  // of the owner's; empty: in its root group alone
  DeviceState state = DeviceState::kManufactured;
  std::string idevid_cert_der;  // empty when not recorded
  std::string model;
  std::string mac_addr;
  std::string ek_public_key_der;
  std::map<std::string, std::string> labels;
  DeviceDetails details = {};
  // Set: unknown to all but those who bring it back.
  std::optional<absl::Time> deleted_at = {};
  int64_t version = 1;  // grows by one with each change
  // When the store first and last wrote it, to the microsecond; unset for what
  // is not stored yet, and for the first of what was written before these were
  // kept. The store's to say.
  std::optional<absl::Time> created_at = {};
  std::optional<absl::Time> updated_at = {};

  // First 16 octets of SHA-256(tenant, serial, issuer); see DeviceIdOf.
  std::string device_id;
  // First 10 bits of SHA-256(tenant, serial): the shard, 0..1023.
  int16_t bucket = 0;

  bool operator==(const Device&) const = default;
};

// The shard of (tenant, serial): SHA-256 over tenant, a zero octet, serial.
int16_t BucketOf(const std::string& tenant_id,
                 const std::string& serial_number);

// The 16-octet id: SHA-256 over tenant, zero, serial, zero, issuer octets.
std::string DeviceIdOf(const std::string& tenant_id,
                       const std::string& serial_number,
                       const std::optional<std::string>& idevid_issuer);

// What an order for a voucher is judged by: what names the device, its product,
// owner, place, state and labels. The rest is as in a new Device.
Device ForOrder(Device device);

}  // namespace masa::storage

#endif  // STORAGE_DEVICE_H_
