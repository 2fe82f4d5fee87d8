#include "services/ownership/placement_plans.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "services/ownership/group_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/device_changes.h"

namespace masa::ownership {
namespace {

using storage::Device;
using storage::OrganizationTree;

// The device as it shall stand; none when it is there already.
absl::StatusOr<std::optional<Device>> Placed(
    const OrganizationTree& tree, const Actor& actor,
    const absl::StatusOr<Device>& found, const std::string& group_id) {
  MASA_RETURN_IF_ERROR(found.status());
  MASA_ASSIGN_OR_RETURN(const auto placement,
                        PlanPlaceDevice(tree, actor, *found, group_id));
  std::optional<Device> device;
  if (placement) {
    MASA_RETURN_IF_ERROR(storage::CheckNotInTransfer(*found));
    device = *found;
    device->group_id = placement->to_group_id;
    ++device->version;
  }
  return device;
}

}  // namespace

absl::Status CheckMayPlaceIn(const OrganizationTree& tree, const Actor& actor,
                             const std::string& group_id) {
  if (tree.groups.empty() || group_id != tree.id()) {
    return CheckMay(tree, actor, group_id, Act::kPlaceDevice);
  }
  const bool sees = std::any_of(
      tree.groups.begin(), tree.groups.end(), [&](const auto& entry) {
        return PowerIn(tree, actor, entry.first) != Power::kNone;
      });
  return sees ? absl::OkStatus() : Foreign(actor, GroupNotFound());
}

TransferPlan PlanPlacements(const OrganizationTree& tree, const Actor& actor,
                            FoundDevices devices, const std::string& group_id) {
  TransferPlan plan;
  plan.change.tenant_id = tree.tenant_id;
  plan.change.device_kind = storage::kDevicePlaced;
  plan.change.group_id = group_id == tree.id() ? "" : group_id;
  std::set<std::string> seen;
  for (const absl::StatusOr<Device>& found : devices) {
    auto placed = Placed(tree, actor, found, group_id);
    if (placed.ok() && *placed && seen.insert((*placed)->device_id).second) {
      plan.change.devices.push_back(**std::move(placed));
    }
    plan.outcomes.push_back(ReasonOf(placed.status()) == Reason::kDeviceUnknown
                                ? DeviceNotFound()
                                : placed.status());
  }
  return plan;
}

}  // namespace masa::ownership
