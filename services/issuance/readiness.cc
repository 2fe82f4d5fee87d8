#include "services/issuance/readiness.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {
namespace {

absl::Status CheckKey(const RequestContext& context, const std::string& name,
                      const masa::v1::Tenant& tenant,
                      const masa::v1::Product& product,
                      signing::Signer& signer) {
  const auto key = signer.Describe(context, name);
  const absl::Status status =
      key.ok() ? voucher::CheckSigner(name, key->chain_der, tenant, product)
               : key.status();
  return status.ok()
             ? status
             : Refuse(ReasonOf(status), absl::StrCat("signing key ", name, ": ",
                                                     PublicMessage(status)));
}

}  // namespace

absl::StatusOr<std::vector<KeyHealth>> HealthOfKeys(
    const RequestContext& context, Policies& policies,
    signing::Signer& signer) {
  MASA_ASSIGN_OR_RETURN(const auto snapshot, policies.Current(context));
  std::map<std::pair<std::string, std::string>, absl::Status> found;
  for (const masa::v1::Product& product : snapshot->Products()) {
    MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                          snapshot->TenantNamed(product.tenant_id()));
    for (const std::string& name : voucher::SigningKeysOf(product)) {
      absl::Status& status = found[{tenant->tenant_id(), name}];
      if (status.ok()) {
        status = CheckKey(context, name, *tenant, product, signer);
      }
    }
  }
  std::vector<KeyHealth> keys;
  for (const auto& [name, status] : found) {
    keys.push_back({name.first, name.second, status});
  }
  return keys;
}

absl::Status CheckAnySigns(absl::Span<const KeyHealth> keys) {
  for (const KeyHealth& key : keys) {
    if (key.status.ok()) {
      return absl::OkStatus();
    }
  }
  return keys.empty() ? absl::OkStatus() : keys.front().status;
}

}  // namespace masa::issuance
