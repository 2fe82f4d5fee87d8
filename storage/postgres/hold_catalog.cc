#include "storage/postgres/hold_catalog.h"

#include <set>
#include <string>
#include <utility>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// The tenant, and the name of what is its own; nothing for the tenant itself.
// In this order, so that no two who write wait for each other.
using Keys = std::set<std::pair<std::string, std::string>>;

struct Table {
  // A row that is not there has no lock: it is made first, for the write to
  // fill. Who comes second waits here until the first has ended, and is told
  // of no row.
  Statement add;
  // Apart, since a statement does not see what was committed while it waited.
  // Devices that are assigned to a customer do not wait for it.
  Statement hold;
};

#define MASA_KEYS "unnest($1::text[], $2::text[]) AS q(tenant_id, id) "

constexpr Table kTenants = {
    {"add_missing_tenants",
     "INSERT INTO tenants (tenant_id, definition) "
     "SELECT q.tenant_id, '{}' FROM " MASA_KEYS
     "ON CONFLICT (tenant_id) DO NOTHING RETURNING tenant_id, ''"},
    {"hold_tenants", "SELECT t.tenant_id, '', t.definition FROM " MASA_KEYS
                     "JOIN tenants t ON t.tenant_id = q.tenant_id "
                     "ORDER BY t.tenant_id FOR NO KEY UPDATE OF t"}};

constexpr Table kProducts = {
    {"add_missing_products",
     "INSERT INTO products (tenant_id, product_id, definition) "
     "SELECT q.tenant_id, q.id, '{}' FROM " MASA_KEYS
     "ON CONFLICT (tenant_id, product_id) DO NOTHING "
     "RETURNING tenant_id, product_id"},
    {"hold_products",
     "SELECT p.tenant_id, p.product_id, p.definition FROM " MASA_KEYS
     "JOIN products p ON p.tenant_id = q.tenant_id AND p.product_id = q.id "
     "ORDER BY p.tenant_id, p.product_id FOR NO KEY UPDATE OF p"}};

constexpr Table kCustomers = {
    {"add_missing_organizations",
     "INSERT INTO organizations (tenant_id, organization_id, display_name, "
     "definition) SELECT q.tenant_id, q.id, '', '{}' FROM " MASA_KEYS
     "ON CONFLICT (tenant_id, organization_id) DO NOTHING "
     "RETURNING tenant_id, organization_id"},
    {"hold_organizations",
     "SELECT o.tenant_id, o.organization_id, o.definition FROM " MASA_KEYS
     "JOIN organizations o ON o.tenant_id = q.tenant_id "
     "AND o.organization_id = q.id "
     "ORDER BY o.tenant_id, o.organization_id FOR NO KEY UPDATE OF o"}};

#undef MASA_KEYS

// Calls `found` with the key and the definition of each that there is.
template <typename Found>
absl::Status Hold(pqxx::transaction_base& transaction, const Table& table,
                  const Keys& keys, const Found& found) {
  if (keys.empty()) {
    return absl::OkStatus();
  }
  TextArray tenants, ids;
  for (const auto& [tenant_id, id] : keys) {
    tenants.Add(tenant_id);
    ids.Add(id);
  }
  const auto key_of = [](const pqxx::row& row) {
    return std::pair(row[0].as<std::string>(), row[1].as<std::string>());
  };
  Keys made;
  for (const pqxx::row& row :
       Execute(transaction, table.add, tenants.Finish(), ids.Finish())) {
    made.insert(key_of(row));
  }
  for (const pqxx::row& row :
       Execute(transaction, table.hold, tenants.Finish(), ids.Finish())) {
    const auto key = key_of(row);
    if (!made.contains(key)) {
      MASA_RETURN_IF_ERROR(found(key, row[2].as<std::string>()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HoldCatalog(pqxx::transaction_base& transaction,
                         const masa::v1::Catalog& catalog,
                         masa::v1::Catalog* before) {
  using Key = Keys::value_type;
  Keys tenants, products, customers;
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    tenants.emplace(tenant.tenant_id(), "");
  }
  for (const masa::v1::Product& product : catalog.products()) {
    products.emplace(product.tenant_id(), product.product_id());
  }
  for (const masa::v1::Organization& customer : catalog.organizations()) {
    customers.emplace(customer.tenant_id(), customer.organization_id());
  }
  MASA_RETURN_IF_ERROR(Hold(
      transaction, kTenants, tenants, [&](const Key&, const std::string& json) {
        return ParseDefinition(json, before->add_tenants());
      }));
  MASA_RETURN_IF_ERROR(Hold(transaction, kProducts, products,
                            [&](const Key&, const std::string& json) {
                              return ParseDefinition(json,
                                                     before->add_products());
                            }));
  return Hold(transaction, kCustomers, customers,
              [&](const Key& key, const std::string& json) {
                auto* customer = before->add_organizations();
                MASA_RETURN_IF_ERROR(ParseDefinition(json, customer));
                customer->set_tenant_id(key.first);
                customer->set_organization_id(key.second);
                return absl::OkStatus();
              });
}

}  // namespace masa::storage
