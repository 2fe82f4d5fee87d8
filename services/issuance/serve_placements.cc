// The part of ServeTransfers in which devices change their group.
#include <utility>

#include "services/issuance/account_sights.h"
#include "services/issuance/repeats.h"
#include "services/issuance/serve_transfers.h"
#include "services/ownership/placement_plans.h"
#include "services/status/macros.h"

namespace masa::issuance {

absl::StatusOr<storage::OrganizationTree> ServeTransfers::TreeWith(
    const GroupCall& call, const std::string& group_id) {
  MASA_ASSIGN_OR_RETURN(
      auto trees,
      tools_.groups.ReadTrees(call.context,
                              {call.caller.tenant_id,
                               storage::TreeQuestion::By::kGroup, group_id}));
  return trees.empty() ? storage::OrganizationTree() : std::move(trees.front());
}

absl::StatusOr<TransferOutcome> ServeTransfers::Place(
    const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
    const std::string& group_id) {
  MASA_RETURN_IF_ERROR(CheckDeviceCount(devices.size(), "devices"));
  const ownership::Actor actor = ownership::ActorOf(call.caller, false);
  std::vector<absl::Status> planned;  // of the newest plan
  auto outcome = Edit(call, [&]() -> absl::StatusOr<ownership::TransferPlan> {
    planned.clear();
    MASA_ASSIGN_OR_RETURN(const auto tree, TreeWith(call, group_id));
    MASA_RETURN_IF_ERROR(ownership::CheckMayPlaceIn(tree, actor, group_id));
    FoundDevices found = FindEach(call.context, call.caller.tenant_id, devices);
    for (absl::StatusOr<storage::Device>& device : found) {
      if (!device.ok()) {
        device = AsPublic(device.status(), call.caller);
      }
    }
    auto plan = ownership::PlanPlacements(tree, actor, found, group_id);
    planned = plan.outcomes;
    return plan;
  });
  if (!IsOfTheStore(outcome.status()) || planned.empty()) {
    return outcome;
  }
  // All were to be written at once: none is known to be where it shall be.
  for (absl::Status& one : planned) {
    one = one.ok() ? outcome.status() : one;
  }
  return TransferOutcome{{}, std::move(planned)};
}

}  // namespace masa::issuance
