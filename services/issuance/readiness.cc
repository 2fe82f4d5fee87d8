#include "services/issuance/readiness.h"

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {

absl::Status CheckSigningKeys(const RequestContext& context, Policies& policies,
                              signing::Signer& signer) {
  MASA_ASSIGN_OR_RETURN(const auto snapshot, policies.Current(context));
  for (const masa::v1::Product& product : snapshot->Products()) {
    MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                          snapshot->TenantNamed(product.tenant_id()));
    for (const std::string& name : voucher::SigningKeysOf(product)) {
      const auto key = signer.Describe(context, name);
      const absl::Status status =
          key.ok()
              ? voucher::CheckSigner(name, key->chain_der, *tenant, product)
              : key.status();
      if (!status.ok()) {
        return Refuse(ReasonOf(status), absl::StrCat("signing key ", name, ": ",
                                                     PublicMessage(status)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
