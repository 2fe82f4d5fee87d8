#include "services/ownership/change_sight.h"

#include <algorithm>
#include <string>

namespace masa::ownership {
namespace {

bool MaySee(const std::vector<storage::OrganizationTree>& trees,
            const Actor& actor, const std::string& organization_id,
            const std::string& group_id) {
  const auto tree = std::find_if(
      trees.begin(), trees.end(),
      [&](const auto& one) { return one.id() == organization_id; });
  if (organization_id.empty() || tree == trees.end()) {
    return false;
  }
  const std::string& place =
      tree->groups.contains(group_id) ? group_id : tree->id();
  return CheckMay(*tree, actor, place, Act::kSee).ok();
}

}  // namespace

bool IsToldOf(const std::vector<storage::OrganizationTree>& trees,
              const Actor& actor, const storage::OwnershipChange& change) {
  return actor.support ||
         MaySee(trees, actor, change.to_organization_id, change.to_group_id) ||
         MaySee(trees, actor, change.from_organization_id,
                change.from_group_id);
}

}  // namespace masa::ownership
