// One change of a device's owner, as a link of the device's own chain: each
// entry holds the hash of the one before, and its own hash is a leaf of a tree
// whose root is signed. Pure values.
#ifndef STORAGE_OWNERSHIP_ENTRY_H_
#define STORAGE_OWNERSHIP_ENTRY_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace masa::storage {

// How the owner came to change. Numbers stand in records and in hashes.
enum class OwnerChange {
  kImported = 1,     // the manufacturer recorded it with the device
  kAssigned = 2,     // the manufacturer's operator named it
  kTransferred = 3,  // one owner offered, the next one accepted
  kOverridden = 4,   // one of these two was the manufacturer's operator
  kReleased = 5,     // back to the manufacturer
  kClaimed = 6,      // the new owner proved that it bought the device
};

struct OwnershipEntry {
  std::string device_id;  // 16 octets
  int32_t number = 0;     // 0 for the device's first entry
  std::string prev_hash;  // 32 octets; zeros in the first entry
  OwnerChange kind = OwnerChange::kImported;
  std::string from_organization_id;  // empty: nobody
  std::string to_organization_id;    // empty: nobody
  absl::Time at;                     // to the microsecond
  // Whether the new owner may read the entries before this one.
  bool opens_past = true;

  bool operator==(const OwnershipEntry&) const = default;
};

// 32 zero octets.
std::string NoHash();

// The octets that are hashed, numbers with the most significant octet first: 1
// (this form), device_id (16), number (4), prev_hash (32), kind (1), opens_past
// (1), microseconds since 1970 (8), then from and to, each as its length (2)
// and its octets. Of ids of at most 65,535 octets.
std::string EncodeEntry(const OwnershipEntry& entry);

// The leaf of RFC 9162 section 2.1.1: SHA-256 over a zero octet and the above.
std::string EntryHash(const OwnershipEntry& entry);

}  // namespace masa::storage

#endif  // STORAGE_OWNERSHIP_ENTRY_H_
