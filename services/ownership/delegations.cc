#include "services/ownership/delegations.h"

#include <algorithm>

#include "services/ownership/group_access.h"
#include "services/status/reason.h"

namespace masa::ownership {

DelegatedTo DelegationsIn(const storage::OrganizationTree& tree,
                          const std::string& group_id) {
  const auto path = PathUp(tree, group_id);
  DelegatedTo delegated;
  for (const storage::Delegation& delegation : tree.delegations) {
    if (std::find(path.begin(), path.end(), delegation.group_id) !=
        path.end()) {
      delegated[delegation.organization_id].insert(delegation.group_id);
    }
  }
  return delegated;
}

bool IsDelegated(const storage::OrganizationTree& tree,
                 const std::string& group_id,
                 const std::string& organization_id) {
  if (organization_id == tree.id()) {
    return true;
  }
  const DelegatedTo delegated = DelegationsIn(tree, group_id);
  return delegated.contains(organization_id) ||
         delegated.contains(storage::kEveryone);
}

absl::Status CheckDelegationsSuffice(const storage::OrganizationTree& tree) {
  for (const storage::Binding& binding : tree.bindings) {
    if (!IsDelegated(tree, binding.group_id, binding.account.organization_id)) {
      return Refuse(Reason::kDelegationInUse,
                    "accounts of the other organisation still have roles that "
                    "no other delegation allows; take them away first");
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::ownership
