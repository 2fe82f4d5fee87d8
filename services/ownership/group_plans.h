// What a change of groups, of delegations, or of a device's place would write,
// given an organisation's tree; or why it may not be. Pure. All check first
// that the group is there and that the actor may (group_access.h).
#ifndef SERVICES_OWNERSHIP_GROUP_PLANS_H_
#define SERVICES_OWNERSHIP_GROUP_PLANS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/ownership/group_access.h"
#include "storage/group_store.h"

namespace masa::ownership {

// A change of the tree as it is, with nothing in it yet.
storage::TreeChange ChangeOf(const storage::OrganizationTree& tree,
                             const char* kind);

// kEtagMismatch when `expected` is given and is not the group's version.
absl::Status CheckVersion(const storage::Group& group,
                          const std::optional<int64_t>& expected);

// kGroupExists when the parent has a group of this description.
absl::StatusOr<storage::TreeChange> PlanCreateGroup(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& parent_id, const std::string& description,
    const std::string& new_id);

// kInvalidArgument for the root, kGroupNotEmpty while certificates, accounts
// or groups remain in it; devices are the store's to see.
absl::StatusOr<storage::TreeChange> PlanDeleteGroup(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::optional<int64_t>& expected);

absl::StatusOr<storage::TreeChange> PlanDescribeGroup(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::string& description,
    const std::optional<int64_t>& expected);

// kInvalidArgument for the root, and for a place below the group itself.
absl::StatusOr<storage::TreeChange> PlanMoveGroup(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::string& parent_id,
    const std::optional<int64_t>& expected);

// `delegate_exists` says whether there is such an organisation.
// kInvalidArgument for the owner itself, kOrganizationUnknown,
// kDelegationExists.
absl::StatusOr<storage::TreeChange> PlanAddDelegation(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Delegation& delegation, bool delegate_exists);

// kDelegationUnknown; kDelegationInUse while accounts of the organisation have
// roles that hang on it alone.
absl::StatusOr<storage::TreeChange> PlanRemoveDelegation(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Delegation& delegation);

// The actor may in the device's group and in the other. kDeviceInGroup.
absl::StatusOr<storage::Placement> PlanAddDevice(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Device& device, const std::string& group_id);

// To the root group alone. kDeviceNotInGroup; kPermissionDenied for the root,
// which devices leave with their owner only.
absl::StatusOr<storage::Placement> PlanRemoveDevice(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Device& device, const std::string& group_id);

// As one of the two: as PlanAddDevice into the group, as PlanRemoveDevice into
// the root. None for a device that is there already.
absl::StatusOr<std::optional<storage::Placement>> PlanPlaceDevice(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Device& device, const std::string& group_id);

// The group that says who may what with the device.
std::string PlaceOf(const storage::Device& device);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_GROUP_PLANS_H_
