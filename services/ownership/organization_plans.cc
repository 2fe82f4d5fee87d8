#include "services/ownership/organization_plans.h"

#include "services/ownership/group_plans.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {

absl::StatusOr<storage::TreeChange> PlanDeleteOrganization(
    const storage::OrganizationTree& tree,
    const std::optional<int64_t>& expected) {
  if (expected && *expected != tree.version) {
    return Refuse(Reason::kEtagMismatch,
                  "the organisation was changed meanwhile; read it again");
  }
  if (tree.groups.size() > 1) {
    return Refuse(Reason::kGroupNotEmpty,
                  "the organisation has groups; delete them first");
  }
  if (!tree.certs.empty()) {
    return Refuse(Reason::kGroupNotEmpty,
                  "the organisation has domain certificates; delete them "
                  "first");
  }
  storage::TreeChange change = ChangeOf(tree, storage::kOrganizationDeleted);
  change.removes_organization = true;
  change.removed_bindings = tree.bindings;
  change.removed_delegations = tree.delegations;
  for (const auto& [group_id, record] : tree.onboardings) {
    change.removed_onboardings.push_back(group_id);
  }
  change.result = tree.id();
  return change;
}

}  // namespace masa::ownership
