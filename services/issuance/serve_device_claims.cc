// The part of ServeTransfers in which a customer claims what it bought.
#include "services/issuance/operators_only.h"
#include "services/issuance/serve_transfers.h"
#include "services/ownership/claim_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

constexpr absl::Duration kWindow = absl::Hours(1);
// So many wrong claims an organisation may make in a window: enough for
// mistakes in a delivery's list, too few for guessing.
constexpr int64_t kMostRefused = 100;

absl::Time WindowOf(absl::Time now) {
  return absl::UnixEpoch() + absl::Floor(now - absl::UnixEpoch(), kWindow);
}

int64_t CountRefused(const std::vector<absl::Status>& outcomes) {
  int64_t refused = 0;
  for (const absl::Status& outcome : outcomes) {
    refused += outcome.ok() ? 0 : 1;
  }
  return refused;
}

}  // namespace

absl::Status ServeTransfers::ChargeClaims(
    const GroupCall& call, const std::string& organization_id,
    const std::vector<absl::Status>& outcomes) {
  const absl::Time now = tools_.clock.Now();
  const absl::Time window = WindowOf(now);
  MASA_ASSIGN_OR_RETURN(
      const int64_t refused,
      transfers_.CountRefusedClaims(call.context, call.caller.name, now,
                                    {call.caller.tenant_id, organization_id,
                                     window, CountRefused(outcomes)}));
  return refused <= kMostRefused
             ? absl::OkStatus()
             : RefuseFor(window + kWindow - now, Reason::kRateLimited,
                         "this organisation has claimed too many devices "
                         "wrongly; try again later, or ask the manufacturer");
}

absl::StatusOr<TransferOutcome> ServeTransfers::Claim(const GroupCall& call,
                                                      const ClaimOrder& order) {
  MASA_RETURN_IF_ERROR(CheckDeviceCount(order.devices.size(), "claims"));
  const std::string organization = order.organization_id.empty()
                                       ? call.caller.organization_id
                                       : order.organization_id;
  MASA_RETURN_IF_ERROR(CheckNamesOrganization(organization, "organization_id"));
  MASA_RETURN_IF_ERROR(
      AtField(CheckGiver(call, organization), "organization_id"));
  bool charged = false;
  return Edit(call, [&]() -> absl::StatusOr<ownership::TransferPlan> {
    MASA_ASSIGN_OR_RETURN(const auto found, FindNamed(call, order.devices));
    ownership::TransferPlan plan = ownership::PlanClaim(
        found, order.sales_orders, call.caller.tenant_id, organization);
    // Before anything is answered, also where nothing is written; once, however
    // often it is planned.
    if (!charged) {
      MASA_RETURN_IF_ERROR(ChargeClaims(call, organization, plan.outcomes));
      charged = true;
    }
    return plan;
  });
}

}  // namespace masa::issuance
