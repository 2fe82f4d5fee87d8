#include "services/issuance/own_keys.h"

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {

std::set<std::string> KeysNamedBy(const masa::v1::Tenant& tenant) {
  std::set<std::string> keys;
  for (const auto& profile : tenant.enrollment_profiles()) {
    keys.insert(profile.signing_key());
  }
  if (!tenant.ownership_signing_key().empty()) {
    keys.insert(tenant.ownership_signing_key());
  }
  return keys;
}

std::set<std::string> KeysNamedFor(const std::string& tenant_id,
                                   const masa::v1::Catalog& catalog) {
  std::set<std::string> keys;
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    if (tenant.tenant_id() == tenant_id) {
      keys.merge(KeysNamedBy(tenant));
    }
  }
  for (const masa::v1::Product& product : catalog.products()) {
    if (product.tenant_id() == tenant_id) {
      keys.merge(voucher::SigningKeysOf(product));
    }
  }
  return keys;
}

absl::Status CheckOwnKeys(const RequestContext& context,
                          signing::Signer& signer, const std::string& tenant_id,
                          const std::set<std::string>& named,
                          const std::set<std::string>& known) {
  for (const std::string& name : named) {
    if (known.contains(name)) {
      continue;
    }
    MASA_ASSIGN_OR_RETURN(const signing::KeyDescription key,
                          signer.Describe(context, name));
    if (key.tenant_id != tenant_id) {
      return Refuse(
          Reason::kKeyUnknown,
          absl::StrCat("this tenant has no signing key ", name,
                       "; whose a key is stands in the signer's "
                       "configuration (tenant_id), and `masad apply` names "
                       "those that are nobody's"));
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
