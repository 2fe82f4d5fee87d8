// What an offer, its end or a release would write, given the devices as they
// are; or, for each device, why it cannot be. Pure.
#ifndef SERVICES_OWNERSHIP_TRANSFER_PLANS_H_
#define SERVICES_OWNERSHIP_TRANSFER_PLANS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/ownership/group_access.h"
#include "services/ownership/transfer_states.h"
#include "storage/transfer_store.h"

namespace masa::ownership {

// As found, or why not.
using FoundDevices = absl::Span<const absl::StatusOr<storage::Device>>;

struct TransferPlan {
  storage::TransferChange change;
  std::vector<absl::Status> outcomes;  // one for each device that was named
};

struct OfferTerms {
  std::string tenant_id;
  std::string transfer_id;
  std::string from_organization_id;
  std::string to_organization_id;
  absl::Time now;
  absl::Time expires_at;
  bool keep_history = true;
  bool by_operator = false;
};

// An offer ends a minute to a year from now. kLifetimeInPast,
// kInvalidArgument; also for an offer to oneself.
absl::Status CheckOfferTerms(const OfferTerms& terms);

// Offers those that the giver owns: kDeviceUnknown for others' and for none,
// kDeviceInTransfer, kDeviceBlocked, and kInvalidArgument for one that is named
// twice. A change without devices is not to be written.
TransferPlan PlanOffer(FoundDevices devices, const OfferTerms& terms);

// Ends the transfer in `to`. `devices[i]` is the transfer's device i. What was
// blocked or otherwise changed meanwhile stays as it is: kDeviceBlocked,
// kDeviceInTransfer. `overridden`: an operator stands in for a party. The sales
// order of what is accepted is proof of nothing any more, and goes.
TransferPlan PlanEnd(const storage::Transfer& transfer, FoundDevices devices,
                     storage::TransferState to, bool overridden,
                     absl::Time now);

// Takes the owner off, back to the manufacturer, and the sales order. As
// PlanOffer refuses; what is blocked is released and stays blocked.
TransferPlan PlanRelease(FoundDevices devices, const std::string& tenant_id,
                         const std::string& from_organization_id);

// Whether the actor administers the organisation's root group as one of its own
// accounts, or is support. To whom the root is delegated has devices there to
// work with, not to give away.
bool Administers(const storage::OrganizationTree& tree, const Actor& actor);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_TRANSFER_PLANS_H_
