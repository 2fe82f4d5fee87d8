#include "services/issuance/serve_policies.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/rand.h"
#include "services/identity/basic.h"
#include "services/issuance/operators_only.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {
namespace {

// What is asked of the caller is the caller's to mend; a service that is
// misconfigured is the operator's.
absl::Status AsArgument(const absl::Status& status) {
  return status.ok() || ReasonOf(status) != Reason::kMisconfigured
             ? status
             : Refuse(Reason::kInvalidArgument, status.message());
}

std::string NewSalt() {
  std::string salt(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(salt.data()), salt.size());
  return salt;
}

}  // namespace

absl::Status ServePolicies::Write(const RequestContext& context,
                                  const identity::Principal& caller,
                                  const masa::v1::Catalog& change) {
  return tools_.catalog.Apply(context, caller.name, tools_.clock.Now(), change);
}

absl::Status ServePolicies::CheckKeys(const RequestContext& context,
                                      const masa::v1::Tenant& tenant,
                                      const masa::v1::Product& product) {
  for (const std::string& name : voucher::SigningKeysOf(product)) {
    MASA_ASSIGN_OR_RETURN(const signing::KeyDescription key,
                          tools_.signer.Describe(context, name));
    MASA_RETURN_IF_ERROR(
        voucher::CheckSigner(name, key.chain_der, tenant, product));
  }
  return absl::OkStatus();
}

absl::StatusOr<masa::v1::Tenant> ServePolicies::GetTenant(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Catalog catalog,
                        tools_.catalog.ReadPolicies(context));
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    if (tenant.tenant_id() == caller.tenant_id) {
      return tenant;
    }
  }
  return Refuse(Reason::kTenantUnknown, "the caller's tenant is not there");
}

absl::StatusOr<std::vector<masa::v1::Product>> ServePolicies::ListProducts(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Catalog catalog,
                        tools_.catalog.ReadPolicies(context));
  std::vector<masa::v1::Product> products;
  for (const masa::v1::Product& product : catalog.products()) {
    if (product.tenant_id() == caller.tenant_id) {
      products.push_back(product);
    }
  }
  return products;
}

absl::StatusOr<masa::v1::Tenant> ServePolicies::UpdateTenant(
    const RequestContext& context, const identity::Principal& caller,
    masa::v1::Tenant tenant, bool validate_only) {
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant stored,
                        GetTenant(context, caller));
  tenant.set_tenant_id(caller.tenant_id);
  // Whose names they are is not the tenant's to say (TR-10).
  *tenant.mutable_host_names() = stored.host_names();
  tenant.set_is_default(stored.is_default());
  MASA_RETURN_IF_ERROR(AsArgument(voucher::CheckTenant(tenant)));
  MASA_ASSIGN_OR_RETURN(const auto products, ListProducts(context, caller));
  for (const masa::v1::Product& product : products) {
    MASA_RETURN_IF_ERROR(AsArgument(CheckKeys(context, tenant, product)));
  }
  masa::v1::Catalog change;
  *change.add_tenants() = tenant;
  if (!validate_only) {
    MASA_RETURN_IF_ERROR(Write(context, caller, change));
  }
  return tenant;
}

absl::StatusOr<masa::v1::Product> ServePolicies::UpdateProduct(
    const RequestContext& context, const identity::Principal& caller,
    masa::v1::Product product, bool validate_only) {
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant tenant,
                        GetTenant(context, caller));
  product.set_tenant_id(caller.tenant_id);
  MASA_RETURN_IF_ERROR(AsArgument(voucher::CheckProduct(product)));
  MASA_RETURN_IF_ERROR(AsArgument(CheckKeys(context, tenant, product)));
  masa::v1::Catalog change;
  *change.add_products() = product;
  if (!validate_only) {
    MASA_RETURN_IF_ERROR(Write(context, caller, change));
  }
  return product;
}

absl::Status ServePolicies::BlockDomain(const RequestContext& context,
                                        const identity::Principal& caller,
                                        masa::v1::BlockedDomain domain) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  domain.set_tenant_id(caller.tenant_id);
  masa::v1::Catalog change;
  *change.add_blocked_domains() = std::move(domain);
  return Write(context, caller, change);
}

absl::Status ServePolicies::SetRegistrarAuthentication(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& organization_id, masa::v1::RegistrarAuthentication how,
    const std::vector<std::pair<std::string, std::string>>& users) {
  constexpr size_t kLeastPassword = 16;
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_ASSIGN_OR_RETURN(masa::v1::Organization customer,
                        tools_.catalog.GetOrganization(
                            context, caller.tenant_id, organization_id));
  customer.set_registrar_authentication(how);
  customer.clear_basic_credentials();
  for (const auto& [user, password] : users) {
    if (password.size() < kLeastPassword) {
      return Refuse(Reason::kInvalidArgument,
                    "a password has at least 16 octets; make a random one");
    }
    auto* credential = customer.add_basic_credentials();
    *credential = identity::MakeBasicCredential(user, password, NewSalt());
    MASA_RETURN_IF_ERROR(identity::CheckBasicCredential(*credential));
  }
  if (how == masa::v1::REGISTRAR_AUTHENTICATION_BASIC && users.empty()) {
    return Refuse(Reason::kInvalidArgument,
                  "HTTP Basic needs at least one user");
  }
  masa::v1::Catalog change;
  *change.add_organizations() = customer;
  return Write(context, caller, change);
}

absl::Status ServePolicies::SetEndlessVouchers(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& organization_id, bool allowed) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  masa::v1::Catalog change;
  MASA_ASSIGN_OR_RETURN(*change.add_organizations(),
                        tools_.catalog.GetOrganization(
                            context, caller.tenant_id, organization_id));
  change.mutable_organizations(0)->set_nonceless_without_expiry(allowed);
  return Write(context, caller, change);
}

}  // namespace masa::issuance
