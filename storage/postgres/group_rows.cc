#include "storage/postgres/group_rows.h"

#include <map>
#include <utility>

#include "services/status/macros.h"
#include "storage/group_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/onboarding_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

// All records of the organisations in `w`, one statement and so one moment.
// The first column says of which table a row is.
enum class Of {
  kOrganization = 0,
  kGroup = 1,
  kBinding = 2,
  kDelegation = 3,
  kCert = 4,
  kOnboarding = 5
};
#define MASA_TREE_ROWS                                                        \
  "SELECT 0, o.organization_id, o.definition, '', '', o.tree_version, "       \
  "0::bigint, NULL::bytea, false, '' FROM w JOIN organizations o "            \
  "USING (organization_id) WHERE o.tenant_id = $1 "                           \
  "UNION ALL SELECT 1, g.organization_id, g.group_id, g.parent_id, "          \
  "g.description, g.version, 0, NULL, false, '' FROM w JOIN groups g "        \
  "USING (organization_id) WHERE g.tenant_id = $1 "                           \
  "UNION ALL SELECT 2, b.organization_id, b.group_id, "                       \
  "b.account_organization_id, b.username, b.account_type, b.role, NULL, "     \
  "false, '' FROM w JOIN access_bindings b USING (organization_id) "          \
  "WHERE b.tenant_id = $1 "                                                   \
  "UNION ALL SELECT 3, e.organization_id, e.group_id, e.delegate_id, '', 0, " \
  "0, NULL, false, '' FROM w JOIN delegations e USING (organization_id) "     \
  "WHERE e.tenant_id = $1 "                                                   \
  "UNION ALL SELECT 4, c.organization_id, c.cert_id, c.group_id, '', 0, "     \
  "(extract(epoch FROM c.expires_at) * 1000000)::bigint, c.certificate_der, " \
  "c.revocation_checks, '' FROM w JOIN domain_certs c "                       \
  "USING (organization_id) WHERE c.tenant_id = $1 "                           \
  "UNION ALL SELECT 5, b.organization_id, b.group_id, b.registrar_url, "      \
  "b.est_domain, b.version, 0, b.est_certificate_der, false, "                \
  "b.additional_configuration_url FROM w JOIN onboardings b "                 \
  "USING (organization_id) WHERE b.tenant_id = $1"

constexpr Statement kOfOrganization = {
    "tree_of_organization",
    "WITH w AS (SELECT $2::text AS organization_id) " MASA_TREE_ROWS};

constexpr Statement kOfGroup = {
    "tree_of_group",
    "WITH w AS (SELECT organization_id FROM groups WHERE tenant_id = $1 "
    "AND group_id = $2 UNION SELECT organization_id FROM organizations "
    "WHERE tenant_id = $1 AND organization_id = $2) " MASA_TREE_ROWS};

constexpr Statement kOfCert = {
    "trees_of_cert",
    "WITH w AS (SELECT DISTINCT organization_id FROM domain_certs "
    "WHERE tenant_id = $1 AND cert_id = $2) " MASA_TREE_ROWS};

constexpr Statement kOfAccount = {
    "trees_of_account",
    "WITH w AS (SELECT DISTINCT organization_id FROM access_bindings "
    "WHERE tenant_id = $1 AND account_organization_id = $2 "
    "AND username = $3 AND account_type = $4) " MASA_TREE_ROWS};

constexpr Statement kInsertOrganization = {
    "insert_organization",
    "INSERT INTO organizations (tenant_id, organization_id, display_name, "
    "definition) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (tenant_id, organization_id) DO NOTHING"};

constexpr Statement kUpdateOrganization = {
    "update_organization",
    "UPDATE organizations SET tree_version = tree_version + 1, "
    "display_name = $4, definition = $5 WHERE tenant_id = $1 "
    "AND organization_id = $2 AND tree_version = $3"};

constexpr Statement kAdvanceTree = {
    "advance_tree",
    "UPDATE organizations SET tree_version = tree_version + 1 "
    "WHERE tenant_id = $1 AND organization_id = $2 AND tree_version = $3"};

constexpr Statement kReadPath = {
    "read_group_path",
    "SELECT path FROM groups WHERE tenant_id = $1 AND group_id = $2"};

constexpr Statement kPutGroup = {
    "put_group",
    "INSERT INTO groups (tenant_id, group_id, organization_id, parent_id, "
    "description, path, version) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (tenant_id, group_id) DO UPDATE SET "
    "parent_id = excluded.parent_id, description = excluded.description, "
    "path = excluded.path, version = excluded.version"};

// Of the groups below one that has moved.
constexpr Statement kMovePaths = {
    "move_group_paths",
    "UPDATE groups SET path = $4 || substr(path, char_length($3) + 1) "
    "WHERE tenant_id = $1 AND organization_id = $2 "
    "AND left(path, char_length($3)) = $3"};

constexpr Statement kRemoveGroup = {
    "remove_group",
    "DELETE FROM groups WHERE tenant_id = $1 AND organization_id = $2 "
    "AND group_id = $3"};

constexpr Statement kHasDevices = {
    "group_has_devices",
    "SELECT 1 FROM devices WHERE tenant_id = $1 AND group_id = $2 "
    "AND group_id <> '' LIMIT 1"};

constexpr Statement kHoldGroup = {
    "hold_group",
    "SELECT 1 FROM groups WHERE tenant_id = $1 AND organization_id = $2 "
    "AND group_id = $3 FOR SHARE"};

constexpr Statement kPutBinding = {
    "put_access_binding",
    "INSERT INTO access_bindings (tenant_id, organization_id, group_id, "
    "account_organization_id, username, account_type, role) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (tenant_id, organization_id, group_id, "
    "account_organization_id, username, account_type) "
    "DO UPDATE SET role = excluded.role"};

constexpr Statement kRemoveBinding = {
    "remove_access_binding",
    "DELETE FROM access_bindings WHERE tenant_id = $1 "
    "AND organization_id = $2 AND group_id = $3 "
    "AND account_organization_id = $4 AND username = $5 "
    "AND account_type = $6"};

constexpr Statement kPutDelegation = {
    "put_delegation",
    "INSERT INTO delegations (tenant_id, organization_id, group_id, "
    "delegate_id) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, "
    "organization_id, group_id, delegate_id) DO NOTHING"};

constexpr Statement kRemoveDelegation = {
    "remove_delegation",
    "DELETE FROM delegations WHERE tenant_id = $1 AND organization_id = $2 "
    "AND group_id = $3 AND delegate_id = $4"};

constexpr Statement kPutCert = {
    "put_group_cert",
    "INSERT INTO domain_certs (tenant_id, organization_id, cert_id, "
    "spki_sha256, certificate_der, revocation_checks, group_id, expires_at) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], "
    "$5::bytea[], $6::boolean[], $7::text[], $8::timestamptz[]) "
    "ON CONFLICT (tenant_id, organization_id, cert_id) DO UPDATE SET "
    "spki_sha256 = excluded.spki_sha256, "
    "certificate_der = excluded.certificate_der, "
    "revocation_checks = excluded.revocation_checks, "
    "group_id = excluded.group_id, expires_at = excluded.expires_at"};

constexpr Statement kRemoveCert = {
    "remove_group_cert",
    "DELETE FROM domain_certs WHERE tenant_id = $1 AND organization_id = $2 "
    "AND cert_id = $3"};

GroupCert CertIn(const pqxx::row& row) {
  const auto group = row[3].as<std::string>();
  GroupCert cert{row[2].as<std::string>(),
                 group.empty() ? row[1].as<std::string>() : group,
                 ReadBytes(row[7]),
                 row[8].as<bool>(),
                 {}};
  if (!row[6].is_null()) {
    cert.expires_at = absl::FromUnixMicros(row[6].as<int64_t>());
  }
  return cert;
}

absl::Status AddRow(const pqxx::row& row, OrganizationTree& tree) {
  const auto text = [&row](int column) {
    return row[column].as<std::string>();
  };
  switch (static_cast<Of>(row[0].as<int>())) {
    case Of::kOrganization:
      tree.version = row[5].as<int64_t>();
      tree.groups[tree.id()] = Group{tree.id(), "", "", 1};
      return ParseDefinition(text(2), &tree.organization);
    case Of::kGroup:
      tree.groups[text(2)] =
          Group{text(2), text(3), text(4), row[5].as<int64_t>()};
      break;
    case Of::kBinding:
      tree.bindings.push_back(
          {text(2),
           {text(3), text(4), static_cast<AccountType>(row[5].as<int>())},
           static_cast<GroupRole>(row[6].as<int>())});
      break;
    case Of::kDelegation:
      tree.delegations.push_back({text(2), text(3)});
      break;
    case Of::kCert:
      tree.certs[text(2)] = CertIn(row);
      break;
    case Of::kOnboarding:
      tree.onboardings[text(2)] =
          Onboarding{text(2),           text(3), text(4),
                     ReadBytes(row[7]), text(9), row[5].as<int64_t>()};
      break;
  }
  return absl::OkStatus();
}

pqxx::result Select(pqxx::transaction_base& transaction,
                    const TreeQuestion& question) {
  switch (question.by) {
    case TreeQuestion::By::kGroup:
      return Execute(transaction, kOfGroup, question.tenant_id, question.id);
    case TreeQuestion::By::kCert:
      return Execute(transaction, kOfCert, question.tenant_id, question.id);
    case TreeQuestion::By::kAccount:
      return Execute(transaction, kOfAccount, question.tenant_id,
                     question.account.organization_id,
                     question.account.username,
                     static_cast<int>(question.account.type));
    case TreeQuestion::By::kOrganization:
      break;
  }
  return Execute(transaction, kOfOrganization, question.tenant_id, question.id);
}

std::string PathOf(pqxx::transaction_base& transaction,
                   const std::string& tenant_id, const std::string& group_id) {
  const pqxx::result rows =
      Execute(transaction, kReadPath, tenant_id, group_id);
  return rows.empty() ? "" : rows[0][0].as<std::string>();
}

void PutGroup(pqxx::transaction_base& transaction, const TreeChange& change,
              const Group& group) {
  std::string path = PathOf(transaction, change.tenant_id, group.parent_id);
  path = (path.empty() ? "/" : path) + group.group_id + "/";
  const std::string before =
      PathOf(transaction, change.tenant_id, group.group_id);
  if (!before.empty() && before != path) {
    Execute(transaction, kMovePaths, change.tenant_id, change.organization_id,
            before, path);
  }
  Execute(transaction, kPutGroup, change.tenant_id, group.group_id,
          change.organization_id, group.parent_id, group.description, path,
          group.version);
}

absl::Status PutCerts(pqxx::transaction_base& transaction,
                      const TreeChange& change) {
  TextArray tenants, organizations, ids, groups;
  BytesArray hashes, certificates;
  BooleanArray checks;
  TimeArray ends;
  for (const GroupCert& cert : change.certs) {
    MASA_ASSIGN_OR_RETURN(const std::string hash,
                          SpkiSha256Of(cert.certificate_der));
    tenants.Add(change.tenant_id);
    organizations.Add(change.organization_id);
    ids.Add(cert.cert_id);
    hashes.Add(hash);
    certificates.Add(cert.certificate_der);
    checks.Add(cert.revocation_checks);
    groups.Add(GroupColumn(cert.group_id, change.organization_id));
    ends.Add(cert.expires_at);
  }
  if (!change.certs.empty()) {
    Execute(transaction, kPutCert, tenants.Finish(), organizations.Finish(),
            ids.Finish(), hashes.Finish(), certificates.Finish(),
            checks.Finish(), groups.Finish(), ends.Finish());
  }
  return absl::OkStatus();
}

// First, since what is written may take the place of what goes.
absl::Status Remove(pqxx::transaction_base& transaction,
                    const TreeChange& change) {
  const std::string& tenant = change.tenant_id;
  const std::string& organization = change.organization_id;
  for (const Binding& binding : change.removed_bindings) {
    Execute(transaction, kRemoveBinding, tenant, organization, binding.group_id,
            binding.account.organization_id, binding.account.username,
            static_cast<int>(binding.account.type));
  }
  for (const Delegation& delegation : change.removed_delegations) {
    Execute(transaction, kRemoveDelegation, tenant, organization,
            delegation.group_id, delegation.organization_id);
  }
  for (const std::string& cert_id : change.removed_certs) {
    Execute(transaction, kRemoveCert, tenant, organization, cert_id);
  }
  for (const std::string& group_id : change.removed_groups) {
    // Waits for those who hold the group, and then sees their devices.
    Execute(transaction, kRemoveGroup, tenant, organization, group_id);
    if (!Execute(transaction, kHasDevices, tenant, group_id).empty()) {
      return GroupHasDevices();
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string GroupColumn(const std::string& group_id,
                        const std::string& organization_id) {
  return group_id == organization_id ? "" : group_id;
}

absl::StatusOr<std::vector<OrganizationTree>> SelectTrees(
    pqxx::transaction_base& transaction, const TreeQuestion& question) {
  std::map<std::string, OrganizationTree> trees;
  for (const pqxx::row& row : Select(transaction, question)) {
    const auto id = row[1].as<std::string>();
    OrganizationTree& tree = trees[id];
    tree.tenant_id = question.tenant_id;
    tree.organization.set_organization_id(id);
    MASA_RETURN_IF_ERROR(AddRow(row, tree));
  }
  std::vector<OrganizationTree> found;
  for (auto& [id, tree] : trees) {
    if (tree.version > 0) {  // else of an organisation that is not there
      found.push_back(std::move(tree));
    }
  }
  return found;
}

bool AdvanceTree(pqxx::transaction_base& transaction,
                 const TreeChange& change) {
  const std::string& tenant = change.tenant_id;
  const std::string& id = change.organization_id;
  if (!change.organization) {
    return Execute(transaction, kAdvanceTree, tenant, id,
                   change.expected_version)
               .affected_rows() == 1;
  }
  const std::string& name = change.organization->display_name();
  const std::string definition = Definition(*change.organization);
  const pqxx::result written =
      change.expected_version == 0
          ? Execute(transaction, kInsertOrganization, tenant, id, name,
                    definition)
          : Execute(transaction, kUpdateOrganization, tenant, id,
                    change.expected_version, name, definition);
  return written.affected_rows() == 1;
}

absl::Status WriteTree(pqxx::transaction_base& transaction,
                       const TreeChange& change) {
  MASA_RETURN_IF_ERROR(Remove(transaction, change));
  for (const Group& group : change.groups) {
    PutGroup(transaction, change, group);
  }
  for (const Binding& binding : change.bindings) {
    Execute(transaction, kPutBinding, change.tenant_id, change.organization_id,
            binding.group_id, binding.account.organization_id,
            binding.account.username, static_cast<int>(binding.account.type),
            static_cast<int>(binding.role));
  }
  for (const Delegation& delegation : change.delegations) {
    Execute(transaction, kPutDelegation, change.tenant_id,
            change.organization_id, delegation.group_id,
            delegation.organization_id);
  }
  WriteOnboardings(transaction, change);
  return PutCerts(transaction, change);
}

bool HoldGroup(pqxx::transaction_base& transaction,
               const std::string& tenant_id, const std::string& organization_id,
               const std::string& group_id) {
  return !Execute(transaction, kHoldGroup, tenant_id, organization_id, group_id)
              .empty();
}

}  // namespace masa::storage
