// What the manufacturer's word about many devices would write, given the
// devices as they are: who owns them, or that they get no vouchers. The rules
// are those of storage/device_changes.h. Pure.
#ifndef SERVICES_OWNERSHIP_ASSIGNMENT_PLANS_H_
#define SERVICES_OWNERSHIP_ASSIGNMENT_PLANS_H_

#include <string>
#include <vector>

#include "services/ownership/transfer_plans.h"
#include "storage/device.h"

namespace masa::ownership {

// The devices that a call names: key i is of device i, in the keys' tenant.
struct NamedDevices {
  std::string tenant_id;
  std::vector<storage::DeviceKey> keys;
  FoundDevices found;
};

// Makes the organisation the owner, or nobody when it is empty.
// kOrganizationUnknown for all when it is not there, kDeviceInTransfer.
TransferPlan PlanAssignment(const NamedDevices& devices,
                            const std::string& organization_id,
                            bool organization_exists);

// Blocks, or lifts a block. What needs no change is not written.
TransferPlan PlanBlock(const NamedDevices& devices, bool blocked);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_ASSIGNMENT_PLANS_H_
