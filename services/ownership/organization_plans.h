// What the end of an organisation would write, given its tree. Pure.
#ifndef SERVICES_OWNERSHIP_ORGANIZATION_PLANS_H_
#define SERVICES_OWNERSHIP_ORGANIZATION_PLANS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "storage/group_store.h"

namespace masa::ownership {

// Takes the roles, delegations and onboarding record of the root group with
// it. kEtagMismatch when `expected` is given and is not the tree's version,
// kGroupNotEmpty while it has groups or domain certificates; devices are
// the store's to see.
absl::StatusOr<storage::TreeChange> PlanDeleteOrganization(
    const storage::OrganizationTree& tree,
    const std::optional<int64_t>& expected);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_ORGANIZATION_PLANS_H_
