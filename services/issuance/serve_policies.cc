#include "services/issuance/serve_policies.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/rand.h"
#include "services/enrollment/profile.h"
#include "services/identity/basic.h"
#include "services/issuance/ca_key.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/own_keys.h"
#include "services/issuance/repeats.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {
namespace {

// How often a change is made again because another one came first.
constexpr int kMostPlans = 8;

// What is asked of the caller is the caller's to mend; a service that is
// misconfigured is the operator's.
absl::Status AsArgument(const absl::Status& status, const char* field) {
  return status.ok() || ReasonOf(status) != Reason::kMisconfigured
             ? status
             : AtField(Refuse(Reason::kInvalidArgument, status.message()),
                       field);
}

std::string NewSalt() {
  std::string salt(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(salt.data()), salt.size());
  return salt;
}

absl::Status AddUsers(
    const std::vector<std::pair<std::string, std::string>>& users,
    masa::v1::Organization* customer) {
  constexpr size_t kLeastPassword = 16;
  for (const auto& [user, password] : users) {
    if (password.size() < kLeastPassword) {
      return AtField(
          Refuse(Reason::kInvalidArgument,
                 "a password has at least 16 octets; make a random one"),
          "basic_users");
    }
    auto* credential = customer->add_basic_credentials();
    *credential = identity::MakeBasicCredential(user, password, NewSalt());
    MASA_RETURN_IF_ERROR(identity::CheckBasicCredential(*credential));
  }
  if (customer->registrar_authentication() ==
          masa::v1::REGISTRAR_AUTHENTICATION_BASIC &&
      users.empty()) {
    return AtField(
        Refuse(Reason::kInvalidArgument, "HTTP Basic needs at least one user"),
        "basic_users");
  }
  return absl::OkStatus();
}

}  // namespace

template <typename Answer>
absl::StatusOr<Answer> ServePolicies::Make(
    const RequestContext& context, const identity::Principal& caller,
    const Once& once, const std::function<absl::StatusOr<Answer>()>& stands,
    const std::function<absl::StatusOr<Answer>()>& change) {
  absl::StatusOr<Answer> made;
  for (int i = 0; i < kMostPlans; ++i) {
    made =
        MakeOnce<Answer>(tools_.groups, context, caller, once, stands, change);
    if (made.ok() || ReasonOf(made.status()) != Reason::kStoreConflict) {
      break;
    }
  }
  return made;
}

absl::Status ServePolicies::Write(const RequestContext& context,
                                  const identity::Principal& caller,
                                  const masa::v1::Catalog& change,
                                  const Once& once,
                                  const masa::v1::Catalog& read) {
  return tools_.catalog.ApplyIf(context, caller.name, tools_.clock.Now(),
                                change, {read, OrderOf(caller, once)});
}

absl::Status ServePolicies::ChangeCustomer(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& organization_id, const Once& once,
    const std::function<absl::Status(masa::v1::Organization*)>& edit) {
  return Make<Nothing>(
             context, caller, once, [] { return Nothing(); },
             [&]() -> absl::StatusOr<Nothing> {
               masa::v1::Catalog read;
               MASA_ASSIGN_OR_RETURN(
                   *read.add_organizations(),
                   tools_.catalog.GetOrganization(context, caller.tenant_id,
                                                  organization_id));
               masa::v1::Catalog change = read;
               MASA_RETURN_IF_ERROR(edit(change.mutable_organizations(0)));
               MASA_RETURN_IF_ERROR(Write(context, caller, change, once, read));
               return Nothing();
             })
      .status();
}

absl::Status ServePolicies::CheckOwn(const RequestContext& context,
                                     const identity::Principal& caller,
                                     const std::set<std::string>& named) {
  MASA_ASSIGN_OR_RETURN(const masa::v1::Catalog catalog,
                        tools_.catalog.ReadPolicies(context));
  return CheckOwnKeys(context, tools_.signer, caller.tenant_id, named,
                      KeysNamedFor(caller.tenant_id, catalog));
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

absl::StatusOr<masa::v1::Product> ServePolicies::FindProduct(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& product_id) {
  MASA_ASSIGN_OR_RETURN(const auto products, ListProducts(context, caller));
  for (const masa::v1::Product& product : products) {
    if (product.product_id() == product_id) {
      return product;
    }
  }
  return Refuse(Reason::kProductUnknown, "there is no such product");
}

absl::StatusOr<masa::v1::Tenant> ServePolicies::UpdateTenant(
    const RequestContext& context, const identity::Principal& caller,
    masa::v1::Tenant tenant, bool validate_only, const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return Make<masa::v1::Tenant>(
      context, caller, once, [&] { return GetTenant(context, caller); },
      [&]() -> absl::StatusOr<masa::v1::Tenant> {
        masa::v1::Catalog read;
        MASA_ASSIGN_OR_RETURN(*read.add_tenants(), GetTenant(context, caller));
        tenant.set_tenant_id(caller.tenant_id);
        // Whose names they are is not the tenant's to say (TR-10).
        *tenant.mutable_host_names() = read.tenants(0).host_names();
        tenant.set_is_default(read.tenants(0).is_default());
        MASA_RETURN_IF_ERROR(CheckTenant(context, caller, tenant));
        masa::v1::Catalog change;
        *change.add_tenants() = tenant;
        if (!validate_only) {
          MASA_RETURN_IF_ERROR(Write(context, caller, change, once, read));
        }
        return tenant;
      });
}

absl::Status ServePolicies::CheckTenant(const RequestContext& context,
                                        const identity::Principal& caller,
                                        const masa::v1::Tenant& tenant) {
  MASA_RETURN_IF_ERROR(AsArgument(voucher::CheckTenant(tenant), "tenant"));
  MASA_RETURN_IF_ERROR(AsArgument(enrollment::CheckProfiles(tenant), "tenant"));
  MASA_RETURN_IF_ERROR(CheckOwn(context, caller, KeysNamedBy(tenant)));
  MASA_ASSIGN_OR_RETURN(const auto products, ListProducts(context, caller));
  for (const masa::v1::Product& product : products) {
    MASA_RETURN_IF_ERROR(
        AsArgument(CheckKeys(context, tenant, product), "tenant"));
  }
  for (const masa::v1::EnrollmentProfile& profile :
       tenant.enrollment_profiles()) {
    MASA_RETURN_IF_ERROR(
        AsArgument(CheckProfile(context, tenant, products, profile), "tenant"));
  }
  return absl::OkStatus();
}

// What every enrolment would be refused for.
absl::Status ServePolicies::CheckProfile(
    const RequestContext& context, const masa::v1::Tenant& tenant,
    const std::vector<masa::v1::Product>& products,
    const masa::v1::EnrollmentProfile& profile) {
  MASA_ASSIGN_OR_RETURN(const CaKey ca,
                        CaKeyOf(context, tools_.signer, profile.signing_key()));
  if (profile.kind() != masa::v1::ENROLLMENT_KIND_IDEVID) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(CheckIssuesIdevids(tenant, ca));
  return std::any_of(products.begin(), products.end(),
                     [&profile](const masa::v1::Product& product) {
                       return product.product_id() == profile.product_id();
                     })
             ? absl::OkStatus()
             : Refuse(Reason::kMisconfigured,
                      absl::StrCat("profile ", profile.label(),
                                   ": there is no product ",
                                   profile.product_id()));
}

absl::StatusOr<masa::v1::Product> ServePolicies::UpdateProduct(
    const RequestContext& context, const identity::Principal& caller,
    masa::v1::Product product, bool validate_only, const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  product.set_tenant_id(caller.tenant_id);
  return Make<masa::v1::Product>(
      context, caller, once,
      [&] { return FindProduct(context, caller, product.product_id()); },
      [&]() -> absl::StatusOr<masa::v1::Product> {
        MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant tenant,
                              GetTenant(context, caller));
        MASA_RETURN_IF_ERROR(
            AsArgument(voucher::CheckProduct(product), "product"));
        MASA_RETURN_IF_ERROR(
            CheckOwn(context, caller, voucher::SigningKeysOf(product)));
        MASA_RETURN_IF_ERROR(
            AsArgument(CheckKeys(context, tenant, product), "product"));
        masa::v1::Catalog change;
        *change.add_products() = product;
        if (!validate_only) {
          MASA_RETURN_IF_ERROR(Write(context, caller, change, once));
        }
        return product;
      });
}

absl::Status ServePolicies::BlockDomain(const RequestContext& context,
                                        const identity::Principal& caller,
                                        masa::v1::BlockedDomain domain,
                                        const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  domain.set_tenant_id(caller.tenant_id);
  masa::v1::Catalog change;
  *change.add_blocked_domains() = std::move(domain);
  return Make<Nothing>(
             context, caller, once, [] { return Nothing(); },
             [&]() -> absl::StatusOr<Nothing> {
               MASA_RETURN_IF_ERROR(Write(context, caller, change, once));
               return Nothing();
             })
      .status();
}

absl::Status ServePolicies::SetRegistrarAuthentication(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& organization_id, masa::v1::RegistrarAuthentication how,
    const std::vector<std::pair<std::string, std::string>>& users,
    const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  // To hash passwords takes its time, so that is done once.
  masa::v1::Organization shown;
  shown.set_registrar_authentication(how);
  return ChangeCustomer(context, caller, organization_id, once,
                        [&](masa::v1::Organization* customer) {
                          if (shown.basic_credentials().empty()) {
                            MASA_RETURN_IF_ERROR(AddUsers(users, &shown));
                          }
                          customer->set_registrar_authentication(how);
                          *customer->mutable_basic_credentials() =
                              shown.basic_credentials();
                          return absl::OkStatus();
                        });
}

absl::Status ServePolicies::SetEndlessVouchers(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& organization_id, bool allowed, const Once& once) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return ChangeCustomer(context, caller, organization_id, once,
                        [allowed](masa::v1::Organization* customer) {
                          customer->set_nonceless_without_expiry(allowed);
                          return absl::OkStatus();
                        });
}

}  // namespace masa::issuance
