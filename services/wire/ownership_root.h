// What a key says of a batch of ownership entries: this root, over so many
// leaves, is this tenant's batch. A form of our own, with one way to write
// each. Pure; thread-safe.
#ifndef SERVICES_WIRE_OWNERSHIP_ROOT_H_
#define SERVICES_WIRE_OWNERSHIP_ROOT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

struct OwnershipRoot {
  std::string tenant_id;  // at most 65,535 octets
  std::string batch_id;   // 16 octets
  uint32_t size = 0;      // leaves
  std::string root;       // 32 octets, RFC 9162

  bool operator==(const OwnershipRoot&) const = default;
};

// "MASA ownership root v1" and a zero octet; the tenant's length (2 octets, the
// most significant first) and octets; batch_id; size (4 octets); root.
std::string EncodeOwnershipRoot(const OwnershipRoot& root);

// kMalformed for anything that EncodeOwnershipRoot does not write: no tenant,
// no leaf, octets missing or left over.
absl::StatusOr<OwnershipRoot> ParseOwnershipRoot(absl::string_view octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_OWNERSHIP_ROOT_H_
