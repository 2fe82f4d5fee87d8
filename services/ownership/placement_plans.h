// What putting many devices into one group would write, given the tree and the
// devices as they are; or, for each device, why it cannot be. The rules are
// those of group_plans.h. Pure.
#ifndef SERVICES_OWNERSHIP_PLACEMENT_PLANS_H_
#define SERVICES_OWNERSHIP_PLACEMENT_PLANS_H_

#include <string>

#include "absl/status/status.h"
#include "services/ownership/group_access.h"
#include "services/ownership/transfer_plans.h"

namespace masa::ownership {

// Whether there can be a device that the actor may put there, before any is
// looked for: who may not learns nothing of devices. As CheckMay; the root
// takes what its groups give, so that a role anywhere in the tree suffices.
absl::Status CheckMayPlaceIn(const storage::OrganizationTree& tree,
                             const Actor& actor, const std::string& group_id);

// kDeviceUnknown in one sentence for unknown and foreign alike,
// kDeviceInTransfer; what PlanPlaceDevice refuses. A device is written once,
// however often it is named.
TransferPlan PlanPlacements(const storage::OrganizationTree& tree,
                            const Actor& actor, FoundDevices devices,
                            const std::string& group_id);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_PLACEMENT_PLANS_H_
