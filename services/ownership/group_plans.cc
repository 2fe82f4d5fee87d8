#include "services/ownership/group_plans.h"

#include <algorithm>

#include "services/ownership/delegations.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Delegation;
using storage::Group;
using storage::OrganizationTree;
using storage::TreeChange;

absl::Status CheckDescription(const OrganizationTree& tree,
                              const std::string& parent_id,
                              const std::string& description) {
  constexpr size_t kLongest = 1024;
  if (description.empty() || description.size() > kLongest) {
    return Refuse(Reason::kInvalidArgument,
                  "description is the group's name: 1 to 1024 octets");
  }
  for (const auto& [id, group] : tree.groups) {
    if (group.parent_id == parent_id && group.description == description) {
      return Refuse(Reason::kGroupExists,
                    "the parent has a group of this description already");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckIsNotRoot(const OrganizationTree& tree,
                            const std::string& group_id) {
  return group_id != tree.id()
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "the root group is the organisation itself; it is "
                      "neither deleted nor moved nor described");
}

// The group, which is not the root and which the actor may change from above.
absl::StatusOr<Group> FindKept(const OrganizationTree& tree, const Actor& actor,
                               const std::string& group_id,
                               const std::optional<int64_t>& expected) {
  const auto found = tree.groups.find(group_id);
  if (found == tree.groups.end()) {
    return GroupNotFound();
  }
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kSee));
  MASA_RETURN_IF_ERROR(CheckIsNotRoot(tree, group_id));
  MASA_RETURN_IF_ERROR(
      CheckMay(tree, actor, found->second.parent_id, Act::kKeepGroup));
  MASA_RETURN_IF_ERROR(CheckVersion(found->second, expected));
  return found->second;
}

absl::Status CheckIsEmpty(const OrganizationTree& tree,
                          const std::string& group_id) {
  const bool has_certs =
      std::any_of(tree.certs.begin(), tree.certs.end(),
                  [&](const auto& e) { return e.second.group_id == group_id; });
  const bool has_accounts =
      std::any_of(tree.bindings.begin(), tree.bindings.end(),
                  [&](const auto& b) { return b.group_id == group_id; });
  const bool has_groups = std::any_of(
      tree.groups.begin(), tree.groups.end(),
      [&](const auto& e) { return e.second.parent_id == group_id; });
  return has_certs || has_accounts || has_groups
             ? Refuse(Reason::kGroupNotEmpty,
                      "the group still has domain certificates, users or "
                      "groups; remove them first")
             : absl::OkStatus();
}

}  // namespace

TreeChange ChangeOf(const OrganizationTree& tree, const char* kind) {
  TreeChange change;
  change.tenant_id = tree.tenant_id;
  change.organization_id = tree.id();
  change.expected_version = tree.version;
  change.kind = kind;
  return change;
}

absl::Status CheckVersion(const Group& group,
                          const std::optional<int64_t>& expected) {
  return !expected || *expected == group.version
             ? absl::OkStatus()
             : Refuse(Reason::kEtagMismatch,
                      "the group was changed meanwhile; read it again");
}

absl::StatusOr<TreeChange> PlanCreateGroup(const OrganizationTree& tree,
                                           const Actor& actor,
                                           const std::string& parent_id,
                                           const std::string& description,
                                           const std::string& new_id) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, parent_id, Act::kKeepGroup));
  MASA_RETURN_IF_ERROR(CheckDescription(tree, parent_id, description));
  TreeChange change = ChangeOf(tree, storage::kGroupCreated);
  change.groups = {{new_id, parent_id, description, 1}};
  change.result = new_id;
  return change;
}

absl::StatusOr<TreeChange> PlanDeleteGroup(
    const OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::optional<int64_t>& expected) {
  MASA_RETURN_IF_ERROR(FindKept(tree, actor, group_id, expected).status());
  MASA_RETURN_IF_ERROR(CheckIsEmpty(tree, group_id));
  TreeChange change = ChangeOf(tree, storage::kGroupDeleted);
  change.removed_groups = {group_id};
  for (const Delegation& delegation : tree.delegations) {
    if (delegation.group_id == group_id) {
      change.removed_delegations.push_back(delegation);
    }
  }
  if (tree.onboardings.contains(group_id)) {
    change.removed_onboardings = {group_id};
  }
  change.result = group_id;
  return change;
}

absl::StatusOr<TreeChange> PlanDescribeGroup(
    const OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::string& description,
    const std::optional<int64_t>& expected) {
  MASA_ASSIGN_OR_RETURN(Group group, FindKept(tree, actor, group_id, expected));
  if (group.description != description) {
    MASA_RETURN_IF_ERROR(CheckDescription(tree, group.parent_id, description));
  }
  group.description = description;
  ++group.version;
  TreeChange change = ChangeOf(tree, storage::kGroupUpdated);
  change.groups = {group};
  change.result = group_id;
  return change;
}

absl::StatusOr<TreeChange> PlanMoveGroup(
    const OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::string& parent_id,
    const std::optional<int64_t>& expected) {
  MASA_ASSIGN_OR_RETURN(Group group, FindKept(tree, actor, group_id, expected));
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, parent_id, Act::kKeepGroup));
  const auto above = PathUp(tree, parent_id);
  if (std::find(above.begin(), above.end(), group_id) != above.end()) {
    return Refuse(Reason::kInvalidArgument,
                  "a group cannot be moved below itself");
  }
  if (group.parent_id != parent_id) {
    MASA_RETURN_IF_ERROR(CheckDescription(tree, parent_id, group.description));
  }
  group.parent_id = parent_id;
  ++group.version;
  TreeChange change = ChangeOf(tree, storage::kGroupMoved);
  change.groups = {group};
  change.result = group_id;
  // As if it had been there when roles were given to other organisations.
  OrganizationTree moved = tree;
  moved.groups[group_id] = group;
  MASA_RETURN_IF_ERROR(CheckDelegationsSuffice(moved));
  return change;
}

absl::StatusOr<TreeChange> PlanAddDelegation(const OrganizationTree& tree,
                                             const Actor& actor,
                                             const Delegation& delegation,
                                             bool delegate_exists) {
  MASA_RETURN_IF_ERROR(
      CheckMay(tree, actor, delegation.group_id, Act::kDelegate));
  if (delegation.organization_id == tree.id()) {
    return Refuse(Reason::kInvalidArgument,
                  "org_id is the group's own organisation");
  }
  if (!delegate_exists) {
    return Refuse(Reason::kOrganizationUnknown, "there is no such customer");
  }
  if (std::find(tree.delegations.begin(), tree.delegations.end(), delegation) !=
      tree.delegations.end()) {
    return Refuse(Reason::kDelegationExists,
                  "the group is delegated to this organisation already");
  }
  TreeChange change = ChangeOf(tree, storage::kDelegationAdded);
  change.delegations = {delegation};
  return change;
}

absl::StatusOr<TreeChange> PlanRemoveDelegation(const OrganizationTree& tree,
                                                const Actor& actor,
                                                const Delegation& delegation) {
  MASA_RETURN_IF_ERROR(
      CheckMay(tree, actor, delegation.group_id, Act::kDelegate));
  if (delegation.organization_id == tree.id()) {
    return Refuse(Reason::kInvalidArgument,
                  "org_id is the group's own organisation");
  }
  OrganizationTree rest = tree;
  const auto kept =
      std::remove(rest.delegations.begin(), rest.delegations.end(), delegation);
  if (kept == rest.delegations.end()) {
    return Refuse(Reason::kDelegationUnknown,
                  "the group is not delegated to this organisation");
  }
  rest.delegations.erase(kept, rest.delegations.end());
  MASA_RETURN_IF_ERROR(CheckDelegationsSuffice(rest));
  TreeChange change = ChangeOf(tree, storage::kDelegationRemoved);
  change.removed_delegations = {delegation};
  return change;
}

std::string PlaceOf(const storage::Device& device) {
  return device.group_id.empty() ? device.organization_id : device.group_id;
}

namespace {

bool Sees(const OrganizationTree& tree, const Actor& actor,
          const storage::Device& device) {
  return actor.support ||
         (device.organization_id == tree.id() &&
          PowerIn(tree, actor, PlaceOf(device)) != Power::kNone);
}

// Whether the device may leave where it is for another group of the tree.
absl::Status CheckMayMove(const OrganizationTree& tree, const Actor& actor,
                          const storage::Device& device) {
  if (actor.support && device.organization_id != tree.id()) {
    return Refuse(Reason::kPermissionDenied,
                  "the device is not of the group's organisation");
  }
  if (!Sees(tree, actor, device)) {
    return Foreign(actor, DeviceNotFound());
  }
  return CheckMay(tree, actor, PlaceOf(device), Act::kPlaceDevice);
}

}  // namespace

absl::StatusOr<storage::Placement> PlanAddDevice(const OrganizationTree& tree,
                                                 const Actor& actor,
                                                 const storage::Device& device,
                                                 const std::string& group_id) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kPlaceDevice));
  MASA_RETURN_IF_ERROR(CheckMayMove(tree, actor, device));
  // Every device of the organisation is in its root group.
  if (group_id == tree.id() || group_id == device.group_id) {
    return Refuse(Reason::kDeviceInGroup, "the device is in this group");
  }
  return storage::Placement{
      {device.tenant_id, device.serial_number, device.idevid_issuer},
      tree.id(),
      device.group_id,
      group_id};
}

absl::StatusOr<storage::Placement> PlanRemoveDevice(
    const OrganizationTree& tree, const Actor& actor,
    const storage::Device& device, const std::string& group_id) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kPlaceDevice));
  if (!Sees(tree, actor, device)) {
    // OVGS says NOT_FOUND of what is not in the group, whosever it is.
    return AsForeign(DeviceNotFound());
  }
  if (device.organization_id == tree.id() && group_id == tree.id()) {
    return Refuse(Reason::kPermissionDenied,
                  "a device leaves the root group with its owner only: by a "
                  "transfer, or by the manufacturer");
  }
  if (device.organization_id != tree.id() || device.group_id != group_id) {
    return Refuse(Reason::kDeviceNotInGroup, "the device is not in this group");
  }
  return storage::Placement{
      {device.tenant_id, device.serial_number, device.idevid_issuer},
      tree.id(),
      device.group_id,
      ""};
}

absl::StatusOr<std::optional<storage::Placement>> PlanPlaceDevice(
    const OrganizationTree& tree, const Actor& actor,
    const storage::Device& device, const std::string& group_id) {
  std::optional<storage::Placement> none;
  if (group_id != tree.id()) {
    auto added = PlanAddDevice(tree, actor, device, group_id);
    if (ReasonOf(added.status()) == Reason::kDeviceInGroup) {
      return none;
    }
    return added;
  }
  MASA_RETURN_IF_ERROR(CheckMayMove(tree, actor, device));
  if (device.group_id.empty()) {
    return none;
  }
  return PlanRemoveDevice(tree, actor, device, device.group_id);
}

}  // namespace masa::ownership
