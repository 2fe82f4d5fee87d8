// The part of ServeTransfers in which the manufacturer has the word: who owns
// a device, and that it gets no vouchers.
#include "services/issuance/operators_only.h"
#include "services/issuance/serve_transfers.h"
#include "services/ownership/assignment_plans.h"
#include "services/status/macros.h"

namespace masa::issuance {

absl::StatusOr<TransferOutcome> ServeTransfers::EditNamed(
    const GroupCall& call, std::vector<storage::DeviceKey> keys,
    const std::function<
        ownership::TransferPlan(const ownership::NamedDevices&)>& plan) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  MASA_RETURN_IF_ERROR(CheckDeviceCount(keys.size(), "devices"));
  for (storage::DeviceKey& key : keys) {
    key.tenant_id = call.caller.tenant_id;
  }
  return Edit(call, [&]() -> absl::StatusOr<ownership::TransferPlan> {
    MASA_ASSIGN_OR_RETURN(const auto found, FindNamed(call, keys));
    return plan({call.caller.tenant_id, keys, found});
  });
}

absl::StatusOr<TransferOutcome> ServeTransfers::Assign(
    const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
    const std::string& organization_id) {
  bool exists = false;
  if (!organization_id.empty()) {
    MASA_ASSIGN_OR_RETURN(
        const auto trees,
        tools_.groups.ReadTrees(
            call.context,
            {call.caller.tenant_id, storage::TreeQuestion::By::kOrganization,
             organization_id}));
    exists = !trees.empty();
  }
  return EditNamed(call, devices, [&](const ownership::NamedDevices& named) {
    return ownership::PlanAssignment(named, organization_id, exists);
  });
}

absl::StatusOr<TransferOutcome> ServeTransfers::Block(
    const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
    bool lift) {
  return EditNamed(call, devices, [&](const ownership::NamedDevices& named) {
    return ownership::PlanBlock(named, !lift);
  });
}

}  // namespace masa::issuance
