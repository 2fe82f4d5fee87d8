// Which groups let another organisation's accounts in. A delegation holds for
// its group and all below it. Pure.
#ifndef SERVICES_OWNERSHIP_DELEGATIONS_H_
#define SERVICES_OWNERSHIP_DELEGATIONS_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "storage/group.h"

namespace masa::ownership {

// By organisation (or kEveryone): the groups whose delegation reaches this one.
using DelegatedTo = std::map<std::string, std::set<std::string>>;
DelegatedTo DelegationsIn(const storage::OrganizationTree& tree,
                          const std::string& group_id);

// May accounts of the organisation have roles in the group? Its own always.
bool IsDelegated(const storage::OrganizationTree& tree,
                 const std::string& group_id,
                 const std::string& organization_id);

// kDelegationInUse when an account has a role in a group that no delegation
// opens to its organisation.
absl::Status CheckDelegationsSuffice(const storage::OrganizationTree& tree);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_DELEGATIONS_H_
