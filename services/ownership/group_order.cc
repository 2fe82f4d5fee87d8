#include "services/ownership/group_order.h"

#include "absl/strings/str_cat.h"
#include "services/ownership/group_access.h"
#include "services/status/reason.h"

namespace masa::ownership {

absl::StatusOr<std::vector<storage::Group>> GroupsFrom(
    const std::map<std::string, storage::Group>& groups,
    const std::string& group_id, size_t most) {
  std::map<std::string, std::vector<std::string>> below;
  for (const auto& [id, group] : groups) {
    below[group.parent_id].push_back(id);
  }
  if (!groups.contains(group_id)) {
    return GroupNotFound();
  }
  std::vector<storage::Group> found;
  std::vector<std::string> waiting = {group_id};  // the next one at the back
  while (!waiting.empty()) {
    if (found.size() == most) {
      return Refuse(Reason::kGroupTooLarge,
                    absl::StrCat("more than ", most,
                                 " groups; ask for a group further down, or "
                                 "list them in pages"));
    }
    found.push_back(groups.at(waiting.back()));
    waiting.pop_back();
    const auto& daughters = below[found.back().group_id];
    waiting.insert(waiting.end(), daughters.rbegin(), daughters.rend());
  }
  return found;
}

}  // namespace masa::ownership
