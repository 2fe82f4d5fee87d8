#include "services/ownership/claim_plans.h"

#include <set>
#include <utility>

#include "openssl/mem.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Device;
using storage::DeviceState;

absl::Status NotClaimable() {
  return Refuse(Reason::kDeviceUnknown,
                "there is no device with this serial number and sales order "
                "that can be claimed; the IDevID's issuer is needed where a "
                "serial number is not unique");
}

// How long the comparison takes says nothing of what is on record.
bool Matches(const std::string& recorded, const std::string& said) {
  return !recorded.empty() && recorded.size() == said.size() &&
         CRYPTO_memcmp(recorded.data(), said.data(), said.size()) == 0;
}

bool IsClaimable(const Device& device) {
  return device.organization_id.empty() &&
         (device.state == DeviceState::kManufactured ||
          device.state == DeviceState::kAllocated ||
          device.state == DeviceState::kReturned);
}

}  // namespace

TransferPlan PlanClaim(FoundDevices devices,
                       absl::Span<const std::string> sales_orders,
                       const std::string& tenant_id,
                       const std::string& organization_id) {
  TransferPlan plan;
  plan.change.tenant_id = tenant_id;
  plan.change.device_kind = storage::kDeviceClaimed;
  plan.change.owner_change = storage::OwnerChange::kClaimed;
  // Who owned it before did not say that this owner may know.
  plan.change.opens_past = false;
  std::set<std::string> seen;
  for (size_t i = 0; i < devices.size(); ++i) {
    const absl::StatusOr<Device>& device = devices[i];
    // Says nothing of any device.
    if (ReasonOf(device.status()) == Reason::kIenNotServed) {
      plan.outcomes.push_back(device.status());
      continue;
    }
    if (!device.ok() ||
        !Matches(device->details.sales_order, sales_orders[i]) ||
        (device->organization_id != organization_id && !IsClaimable(*device))) {
      plan.outcomes.push_back(NotClaimable());
      continue;
    }
    plan.outcomes.push_back(absl::OkStatus());
    if (device->organization_id.empty() &&
        seen.insert(device->device_id).second) {
      Device claimed = *device;
      claimed.organization_id = organization_id;
      claimed.group_id.clear();
      claimed.state = DeviceState::kAllocated;
      ++claimed.version;
      plan.change.devices.push_back(std::move(claimed));
    }
  }
  return plan;
}

}  // namespace masa::ownership
