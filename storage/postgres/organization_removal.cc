#include "storage/postgres/organization_removal.h"

#include <pqxx/result>
#include <set>
#include <string>

#include "storage/group_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// Waits for those who hold the organisation, and for nobody after that.
constexpr Statement kRemove = {
    "remove_organization",
    "DELETE FROM organizations WHERE tenant_id = $1 AND organization_id = $2 "
    "AND tree_version = $3"};

// Whoever gives rights to organisations holds them: a removal waits for the end
// of that, and then sees the rights.
constexpr Statement kHold = {
    "hold_rights_holders",
    "SELECT o.organization_id FROM organizations o WHERE o.tenant_id = $1 "
    "AND o.organization_id = ANY ($2::text[]) ORDER BY o.organization_id "
    "FOR KEY SHARE"};

constexpr Statement kRemoveRoles = {
    "remove_roles_of_organization",
    "DELETE FROM access_bindings WHERE tenant_id = $1 "
    "AND account_organization_id = $2"};

struct Obstacle {
  Statement statement;
  const char* what;
};

// What keeps an organisation.
constexpr Obstacle kObstacles[] = {
    {{"organization_owns_devices",
      "SELECT 1 FROM devices WHERE tenant_id = $1 AND organization_id = $2 "
      "AND organization_id <> '' LIMIT 1"},
     "it owns devices, maybe deleted ones; release or assign them first"},
    {{"organization_is_offered_devices",
      "SELECT 1 FROM transfers WHERE tenant_id = $1 "
      "AND to_organization_id = $2 AND state = 1 LIMIT 1"},
     "devices are offered to it; the offer must be answered or cancelled "
     "first"},
    {{"organization_is_delegate",
      "SELECT 1 FROM delegations WHERE tenant_id = $1 AND delegate_id = $2 "
      "LIMIT 1"},
     "another organisation's group is delegated to it; remove the delegation "
     "first"},
};

}  // namespace

absl::Status RemoveOrganization(pqxx::transaction_base& transaction,
                                const TreeChange& change) {
  const std::string& tenant = change.tenant_id;
  const std::string& id = change.organization_id;
  if (Execute(transaction, kRemove, tenant, id, change.expected_version)
          .affected_rows() != 1) {
    return TreeHasChanged();
  }
  for (const Obstacle& obstacle : kObstacles) {
    if (!Execute(transaction, obstacle.statement, tenant, id).empty()) {
      return OrganizationHas(obstacle.what);
    }
  }
  Execute(transaction, kRemoveRoles, tenant, id);
  return absl::OkStatus();
}

absl::Status HoldRightsHolders(pqxx::transaction_base& transaction,
                               const TreeChange& change) {
  const std::set<std::string> holders = RightsHoldersOf(change);
  if (holders.empty()) {
    return absl::OkStatus();
  }
  TextArray ids;
  for (const std::string& id : holders) {
    ids.Add(id);
  }
  return Execute(transaction, kHold, change.tenant_id, ids.Finish()).size() ==
                 holders.size()
             ? absl::OkStatus()
             : RightsHolderIsGone();
}

}  // namespace masa::storage
