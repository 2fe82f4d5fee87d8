// What a claim of ownership by proof of purchase would write, given the devices
// as they are. Pure.
#ifndef SERVICES_OWNERSHIP_CLAIM_PLANS_H_
#define SERVICES_OWNERSHIP_CLAIM_PLANS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "services/ownership/transfer_plans.h"

namespace masa::ownership {

// Gives the organisation each device that nobody owns and of which it knows the
// sales order that the manufacturer recorded, in the same place of
// `sales_orders`. kDeviceUnknown, in the same words, for all that it cannot
// have, so that nothing is learnt by guessing: unknown, ambiguous or another's,
// another sales order or none on record, blocked, scrapped, in transfer. What
// is its own already and was claimed right stays as it is.
TransferPlan PlanClaim(FoundDevices devices,
                       absl::Span<const std::string> sales_orders,
                       const std::string& tenant_id,
                       const std::string& organization_id);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_CLAIM_PLANS_H_
