// The hot read path: whose is each of these devices, and would this domain get
// it? Writes nothing. Devices, owners, blocks and domain certificates are read
// from the store for every question.
#ifndef SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_
#define SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// What the rules of issuance say, without a request at hand: state, blocks and
// who may have the product's devices. What hangs on vouchers issued before (a
// first claim, an interval between claims) is not part of it. Pure.
Ownership DecideOwnership(const storage::DeviceAnswer& found,
                          const storage::DomainFacts& domain,
                          const OwnershipQuestion& question,
                          const masa::v1::Tenant& tenant,
                          const masa::v1::Product& product, absl::Time now);

// Answer i belongs to question i, and each has its own outcome. One look-up
// serves all devices, one all domains, and one the trees of each customer's
// account that asks. See OperatorDesk::ResolveOwnerships for what is refused.
std::vector<absl::StatusOr<Ownership>> ResolveOwnerships(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller,
    absl::Span<const OwnershipQuestion> questions);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RESOLVE_OWNERSHIP_H_
