#include "services/ownership/group_view.h"

#include "services/status/macros.h"

namespace masa::ownership {
namespace {

using storage::Binding;
using storage::OrganizationTree;

// Another organisation's accounts are its own business.
bool SeesAll(const OrganizationTree& tree, const Actor& actor) {
  return actor.support || actor.account.organization_id == tree.id();
}

bool Sees(const OrganizationTree& tree, const Actor& actor,
          const Binding& binding) {
  return SeesAll(tree, actor) ||
         binding.account.organization_id == actor.account.organization_id;
}

}  // namespace

absl::StatusOr<GroupView> ViewOf(const OrganizationTree& tree,
                                 const Actor& actor,
                                 const std::string& group_id) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kSee));
  GroupView view;
  view.organization_id = tree.id();
  view.group = tree.groups.at(group_id);
  view.parent_is_seen =
      PowerIn(tree, actor, view.group.parent_id) != Power::kNone;
  for (const auto& [id, cert] : tree.certs) {
    if (cert.group_id == group_id) {
      view.cert_ids.push_back(id);
    }
  }
  for (const Binding& binding : tree.bindings) {
    if (binding.group_id == group_id && Sees(tree, actor, binding)) {
      view.bindings.push_back(binding);
    }
  }
  for (const auto& [id, group] : tree.groups) {
    if (group.parent_id == group_id) {
      view.child_ids.push_back(id);
    }
  }
  view.delegated = DelegationsIn(tree, group_id);
  if (!SeesAll(tree, actor)) {
    std::erase_if(view.delegated, [&](const auto& entry) {
      return entry.first != actor.account.organization_id;
    });
  }
  return view;
}

std::vector<Binding> RolesSeen(const OrganizationTree& tree, const Actor& actor,
                               const storage::Account& account) {
  std::vector<Binding> seen;
  for (const Binding& binding : tree.bindings) {
    if (binding.account == account && Sees(tree, actor, binding) &&
        PowerIn(tree, actor, binding.group_id) != Power::kNone) {
      seen.push_back(binding);
    }
  }
  return seen;
}

std::vector<std::string> GroupsSeen(const OrganizationTree& tree,
                                    const Actor& actor,
                                    const std::string& placed_in) {
  std::vector<std::string> seen;
  for (const std::string& id : {tree.id(), placed_in}) {
    if (!id.empty() && PowerIn(tree, actor, id) != Power::kNone &&
        (seen.empty() || seen.back() != id)) {
      seen.push_back(id);
    }
  }
  return seen;
}

}  // namespace masa::ownership
