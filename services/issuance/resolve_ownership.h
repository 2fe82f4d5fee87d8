// Whose is each of these devices, and would this domain get it? Writes nothing.
// Devices, owners, blocks, domain certificates and earlier claims are read from
// the store for every question.
#ifndef SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_
#define SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/issuance/policies.h"
#include "services/issuance/resolve_desk.h"
#include "services/observe/clock.h"
#include "storage/device_store.h"
#include "storage/group_store.h"
#include "storage/standing_store.h"

namespace masa::issuance {

// All outlive what works with them; all are thread-safe.
struct ResolveTools {
  storage::StandingStore& standings;
  storage::DeviceStore& devices;
  storage::GroupStore& groups;
  Policies& policies;
  const Clock& clock;
};

// Who asks what.
struct AskedOwnership {
  const identity::Principal* caller = nullptr;
  const OwnershipQuestion* question = nullptr;
};

// Answer i belongs to item i, and each has its own outcome (resolve_desk.h).
// One statement serves all, another one those whose claims are looked at, one
// those of whom a block of issuers asks more than is on the hot path, and one
// for each customer's account that asks reads the groups that it sees.
std::vector<absl::StatusOr<Ownership>> ResolveOwnerships(
    const ResolveTools& tools, const RequestContext& context,
    absl::Span<const AskedOwnership> asked);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_
