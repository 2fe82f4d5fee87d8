#include "storage/postgres/catalog_writes.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "services/status/macros.h"
#include "storage/group_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/group_rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kWriteTenants = {
    "write_tenants",
    "INSERT INTO tenants (tenant_id, definition) "
    "SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (tenant_id) "
    "DO UPDATE SET definition = excluded.definition"};

constexpr Statement kWriteProducts = {
    "write_products",
    "INSERT INTO products (tenant_id, product_id, definition) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "
    "ON CONFLICT (tenant_id, product_id) "
    "DO UPDATE SET definition = excluded.definition"};

constexpr Statement kWriteOrganizations = {
    "write_organizations",
    "INSERT INTO organizations (tenant_id, organization_id, display_name, "
    "definition) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) "
    "ON CONFLICT (tenant_id, organization_id) "
    "DO UPDATE SET display_name = excluded.display_name, "
    "definition = excluded.definition"};

constexpr Statement kWriteCerts = {
    "write_domain_certs",
    "INSERT INTO domain_certs (tenant_id, organization_id, cert_id, "
    "spki_sha256, certificate_der, revocation_checks, group_id, expires_at) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], "
    "$5::bytea[], $6::boolean[], $7::text[], $8::timestamptz[]) "
    "ON CONFLICT (tenant_id, organization_id, cert_id) DO UPDATE SET "
    "spki_sha256 = excluded.spki_sha256, "
    "certificate_der = excluded.certificate_der, "
    "revocation_checks = excluded.revocation_checks, "
    "group_id = excluded.group_id, expires_at = excluded.expires_at"};

constexpr Statement kWriteBlocks = {
    "write_blocked_domains",
    "INSERT INTO blocked_domains (tenant_id, spki_sha256, note, lifted) "
    "SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::boolean[]) "
    "ON CONFLICT (tenant_id, spki_sha256) DO UPDATE SET "
    "note = excluded.note, lifted = excluded.lifted"};

constexpr Statement kWriteBindings = {
    "write_access_bindings",
    "INSERT INTO access_bindings (tenant_id, organization_id, group_id, "
    "account_organization_id, username, account_type, role) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], "
    "$5::text[], $6::smallint[], $7::smallint[]) "
    "ON CONFLICT (tenant_id, organization_id, group_id, "
    "account_organization_id, username, account_type) "
    "DO UPDATE SET role = excluded.role"};

constexpr Statement kGrowTrees = {
    "grow_trees",
    "UPDATE organizations SET tree_version = tree_version + 1 "
    "WHERE (tenant_id, organization_id) IN (SELECT * FROM unnest($1::text[], "
    "$2::text[]))"};

// The last record of a key wins, and the order is the same in every process.
template <typename Record, typename KeyOf>
auto Distinct(const google::protobuf::RepeatedPtrField<Record>& records,
              const KeyOf& key_of) {
  std::map<decltype(key_of(records[0])), const Record*> distinct;
  for (const Record& record : records) {
    distinct[key_of(record)] = &record;
  }
  return distinct;
}

void WriteTenants(pqxx::transaction_base& transaction,
                  const masa::v1::Catalog& catalog) {
  TextArray ids, definitions;
  for (const auto& [id, tenant] :
       Distinct(catalog.tenants(),
                [](const auto& record) { return record.tenant_id(); })) {
    ids.Add(id);
    definitions.Add(Definition(*tenant));
  }
  Execute(transaction, kWriteTenants, ids.Finish(), definitions.Finish());
}

void WriteProducts(pqxx::transaction_base& transaction,
                   const masa::v1::Catalog& catalog) {
  TextArray tenants, ids, definitions;
  for (const auto& [key, product] :
       Distinct(catalog.products(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.product_id());
       })) {
    tenants.Add(key.first);
    ids.Add(key.second);
    definitions.Add(Definition(*product));
  }
  Execute(transaction, kWriteProducts, tenants.Finish(), ids.Finish(),
          definitions.Finish());
}

void WriteOrganizations(pqxx::transaction_base& transaction,
                        const masa::v1::Catalog& catalog) {
  TextArray tenants, ids, names, definitions;
  for (const auto& [key, organization] :
       Distinct(catalog.organizations(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.organization_id());
       })) {
    tenants.Add(key.first);
    ids.Add(key.second);
    names.Add(organization->display_name());
    definitions.Add(Definition(*organization));
  }
  Execute(transaction, kWriteOrganizations, tenants.Finish(), ids.Finish(),
          names.Finish(), definitions.Finish());
}

void WriteBlocks(pqxx::transaction_base& transaction,
                 const masa::v1::Catalog& catalog) {
  TextArray tenants, notes;
  BytesArray hashes;
  BooleanArray lifted;
  for (const auto& [key, domain] :
       Distinct(catalog.blocked_domains(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.spki_sha256());
       })) {
    tenants.Add(key.first);
    hashes.Add(key.second);
    notes.Add(domain->note());
    lifted.Add(domain->lifted());
  }
  Execute(transaction, kWriteBlocks, tenants.Finish(), hashes.Finish(),
          notes.Finish(), lifted.Finish());
}

absl::Status WriteCerts(pqxx::transaction_base& transaction,
                        const masa::v1::Catalog& catalog) {
  TextArray tenants, organizations, ids, groups;
  BytesArray hashes, certificates;
  BooleanArray checks;
  TimeArray ends;
  for (const auto& [key, record] :
       Distinct(catalog.domain_certs(), [](const auto& cert) {
         return std::tuple(cert.tenant_id(), cert.organization_id(),
                           cert.cert_id());
       })) {
    MASA_ASSIGN_OR_RETURN(const std::string hash,
                          SpkiSha256Of(record->certificate_der()));
    const GroupCert cert = CertOf(*record);
    tenants.Add(record->tenant_id());
    organizations.Add(record->organization_id());
    ids.Add(cert.cert_id);
    hashes.Add(hash);
    certificates.Add(cert.certificate_der);
    checks.Add(cert.revocation_checks);
    groups.Add(GroupColumn(cert.group_id, record->organization_id()));
    ends.Add(cert.expires_at);
  }
  Execute(transaction, kWriteCerts, tenants.Finish(), organizations.Finish(),
          ids.Finish(), hashes.Finish(), certificates.Finish(), checks.Finish(),
          groups.Finish(), ends.Finish());
  return absl::OkStatus();
}

void WriteBindings(pqxx::transaction_base& transaction,
                   const masa::v1::Catalog& catalog) {
  TextArray tenants, organizations, groups, accounts, usernames;
  SmallintArray types, roles;
  std::set<std::tuple<std::string, std::string, std::string, Account>> seen;
  // The last record of a key wins.
  for (auto record = catalog.access_bindings().rbegin();
       record != catalog.access_bindings().rend(); ++record) {
    const Binding binding = BindingOf(*record);
    if (!seen.emplace(record->tenant_id(), record->organization_id(),
                      binding.group_id, binding.account)
             .second) {
      continue;
    }
    tenants.Add(record->tenant_id());
    organizations.Add(record->organization_id());
    groups.Add(binding.group_id);
    accounts.Add(binding.account.organization_id);
    usernames.Add(binding.account.username);
    types.Add(static_cast<int16_t>(binding.account.type));
    roles.Add(static_cast<int16_t>(binding.role));
  }
  Execute(transaction, kWriteBindings, tenants.Finish(), organizations.Finish(),
          groups.Finish(), accounts.Finish(), usernames.Finish(),
          types.Finish(), roles.Finish());
}

// Whoever decides on these trees now decides again.
void GrowTrees(pqxx::transaction_base& transaction,
               const masa::v1::Catalog& catalog) {
  TextArray tenants, organizations;
  for (const auto& cert : catalog.domain_certs()) {
    tenants.Add(cert.tenant_id());
    organizations.Add(cert.organization_id());
  }
  for (const auto& binding : catalog.access_bindings()) {
    tenants.Add(binding.tenant_id());
    organizations.Add(binding.organization_id());
  }
  for (const auto& organization : catalog.organizations()) {
    tenants.Add(organization.tenant_id());
    organizations.Add(organization.organization_id());
  }
  Execute(transaction, kGrowTrees, tenants.Finish(), organizations.Finish());
}

}  // namespace

absl::Status WriteCatalog(pqxx::transaction_base& transaction,
                          const masa::v1::Catalog& catalog) {
  WriteTenants(transaction, catalog);
  WriteProducts(transaction, catalog);
  WriteOrganizations(transaction, catalog);
  WriteBlocks(transaction, catalog);
  MASA_RETURN_IF_ERROR(WriteCerts(transaction, catalog));
  WriteBindings(transaction, catalog);
  GrowTrees(transaction, catalog);
  return absl::OkStatus();
}

}  // namespace masa::storage
