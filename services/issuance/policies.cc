#include "services/issuance/policies.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {

PolicySnapshot::PolicySnapshot(const masa::v1::Catalog& catalog) {
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    if (!voucher::CheckTenant(tenant).ok()) {
      continue;
    }
    tenants_[tenant.tenant_id()] = tenant;
    for (const std::string& host : tenant.host_names()) {
      tenant_of_host_[host] = tenant.tenant_id();
    }
    if (tenant.is_default()) {
      tenant_of_host_[""] = tenant.tenant_id();
    }
  }
  for (const masa::v1::Product& product : catalog.products()) {
    if (voucher::CheckProduct(product).ok()) {
      products_[{product.tenant_id(), product.product_id()}] = product;
    }
  }
}

absl::StatusOr<const masa::v1::Tenant*> PolicySnapshot::TenantOfHost(
    const std::string& host) const {
  const auto found = tenant_of_host_.find(host);
  if (found == tenant_of_host_.end()) {
    return Refuse(Reason::kTenantUnknown,
                  "no manufacturer is served under this host name");
  }
  return &tenants_.at(found->second);
}

absl::StatusOr<const masa::v1::Tenant*> PolicySnapshot::TenantNamed(
    const std::string& tenant_id) const {
  const auto found = tenants_.find(tenant_id);
  if (found == tenants_.end()) {
    return Refuse(Reason::kTenantUnknown,
                  absl::StrCat("there is no tenant ", tenant_id));
  }
  return &found->second;
}

absl::StatusOr<const masa::v1::Product*> PolicySnapshot::ProductOf(
    const std::string& tenant_id, const std::string& product_id) const {
  const auto found = products_.find({tenant_id, product_id});
  if (found == products_.end()) {
    return Refuse(Reason::kProductUnknown,
                  absl::StrCat("there is no usable product ", product_id));
  }
  return &found->second;
}

bool PolicySnapshot::TenantTakes(const std::string& tenant_id,
                                 masa::v1::Format format) const {
  return std::any_of(
      products_.begin(), products_.end(), [&](const auto& entry) {
        const auto& formats = entry.second.formats();
        return entry.first.first == tenant_id &&
               std::find(formats.begin(), formats.end(), format) !=
                   formats.end();
      });
}

bool PolicySnapshot::TenantForgives(const std::string& tenant_id) const {
  return std::any_of(
      products_.begin(), products_.end(), [&tenant_id](const auto& entry) {
        return entry.first.first == tenant_id && entry.second.compatibility();
      });
}

std::vector<masa::v1::Tenant> PolicySnapshot::Tenants() const {
  std::vector<masa::v1::Tenant> tenants;
  for (const auto& [id, tenant] : tenants_) {
    tenants.push_back(tenant);
  }
  return tenants;
}

std::vector<masa::v1::Product> PolicySnapshot::Products() const {
  std::vector<masa::v1::Product> products;
  for (const auto& [name, product] : products_) {
    products.push_back(product);
  }
  return products;
}

Policies::Policies(storage::CatalogStore& store, const Clock& clock)
    : snapshots_(
          [&store](
              const RequestContext& context) -> absl::StatusOr<PolicySnapshot> {
            MASA_ASSIGN_OR_RETURN(const auto catalog,
                                  store.ReadPolicies(context));
            return PolicySnapshot(catalog);
          },
          clock) {}

}  // namespace masa::issuance
