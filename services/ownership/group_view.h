// What an account sees of a group, and of other accounts' roles. Pure.
#ifndef SERVICES_OWNERSHIP_GROUP_VIEW_H_
#define SERVICES_OWNERSHIP_GROUP_VIEW_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ownership/delegations.h"
#include "services/ownership/group_access.h"
#include "storage/group.h"

namespace masa::ownership {

struct GroupView {
  std::string organization_id;
  storage::Group group;
  bool parent_is_seen = false;
  std::vector<std::string> cert_ids;
  std::vector<storage::Binding> bindings;  // given in this very group
  std::vector<std::string> child_ids;
  DelegatedTo delegated;
};

// kGroupNotFound, kPermissionDenied. Accounts of another organisation see
// their own accounts and delegations alone.
absl::StatusOr<GroupView> ViewOf(const storage::OrganizationTree& tree,
                                 const Actor& actor,
                                 const std::string& group_id);

// The roles that were given to `account`, in groups that the actor sees (O10).
std::vector<storage::Binding> RolesSeen(const storage::OrganizationTree& tree,
                                        const Actor& actor,
                                        const storage::Account& account);

// The groups of a device that the actor sees: the root first.
std::vector<std::string> GroupsSeen(const storage::OrganizationTree& tree,
                                    const Actor& actor,
                                    const std::string& placed_in);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_GROUP_VIEW_H_
