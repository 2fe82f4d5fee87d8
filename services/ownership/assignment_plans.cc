#include "services/ownership/assignment_plans.h"

#include <set>
#include <string>
#include <utility>

#include "storage/audit_kinds.h"
#include "storage/device_changes.h"

namespace masa::ownership {
namespace {

// A device once, however often it is named: twice it would be two of one serial
// number.
storage::StoredFacts FactsOf(const NamedDevices& devices) {
  storage::StoredFacts facts;
  std::set<std::string> seen;
  for (const absl::StatusOr<storage::Device>& device : devices.found) {
    if (device.ok() && seen.insert(device->device_id).second) {
      facts.devices.push_back(*device);
    }
  }
  return facts;
}

// The order by which a device came to an owner is no proof against the
// operator's word that it is not, or not any more, that owner's.
void TakeSalesOrders(const storage::StoredFacts& facts,
                     std::vector<storage::Device>& writes) {
  const storage::DevicesById before = storage::IndexById(facts.devices);
  for (storage::Device& device : writes) {
    const storage::Device* was = storage::FindById(before, device.device_id);
    if (was != nullptr && !was->organization_id.empty() &&
        was->organization_id != device.organization_id) {
      device.details.sales_order.clear();
    }
  }
}

// What was not found says why; the others as planned.
TransferPlan PlanOf(const NamedDevices& devices, storage::AssignPlan planned,
                    const char* kind) {
  TransferPlan plan;
  plan.change.tenant_id = devices.tenant_id;
  plan.change.device_kind = kind;
  plan.change.owner_change = storage::OwnerChange::kAssigned;
  plan.change.devices = std::move(planned.writes);
  for (size_t i = 0; i < devices.keys.size(); ++i) {
    plan.outcomes.push_back(devices.found[i].ok() ? planned.outcomes[i].status()
                                                  : devices.found[i].status());
  }
  return plan;
}

}  // namespace

TransferPlan PlanAssignment(const NamedDevices& devices,
                            const std::string& organization_id,
                            bool organization_exists) {
  storage::StoredFacts facts = FactsOf(devices);
  if (organization_exists) {
    facts.organizations.emplace(devices.tenant_id, organization_id);
  }
  storage::AssignPlan planned =
      storage::PlanAssign(devices.keys, organization_id, facts, {});
  TakeSalesOrders(facts, planned.writes);
  return PlanOf(devices, std::move(planned), storage::kDeviceAssigned);
}

TransferPlan PlanBlock(const NamedDevices& devices, bool blocked) {
  return PlanOf(
      devices,
      storage::PlanSetBlocked(devices.keys, blocked, FactsOf(devices), {}),
      storage::kDeviceStateSet);
}

}  // namespace masa::ownership
