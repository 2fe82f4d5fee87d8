#include "services/issuance/key_expiry.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/signing/key_chain.h"
#include "services/signing/key_names.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {
namespace {

std::set<std::string> KeysOf(const PolicySnapshot& policies) {
  std::set<std::string> keys;
  for (const masa::v1::Product& product : policies.Products()) {
    keys.merge(voucher::SigningKeysOf(product));
  }
  for (const masa::v1::Tenant& tenant : policies.Tenants()) {
    if (!tenant.ownership_signing_key().empty()) {
      keys.insert(tenant.ownership_signing_key());
    }
  }
  return keys;
}

std::vector<KeyExpiry> ExpiriesOf(
    const std::string& key,
    const std::vector<signing::PublishedVersion>& versions, absl::Time now) {
  std::vector<KeyExpiry> expiries;
  for (const signing::PublishedVersion& version : versions) {
    if (version.until <= now) {
      continue;
    }
    const absl::Time not_after = signing::NotAfterOf(version.chain_der);
    for (KeyExpiry& earlier : expiries) {
      earlier.has_successor |= earlier.not_after < not_after;
    }
    expiries.push_back(
        {key, absl::StrCat(signing::ParseKeyName(version.name).version),
         not_after, false});
  }
  return expiries;
}

}  // namespace

absl::StatusOr<std::vector<KeyExpiry>> ExpiriesOfKeys(
    const RequestContext& context, Policies& policies, signing::Signer& signer,
    absl::Time now) {
  MASA_ASSIGN_OR_RETURN(const auto snapshot, policies.Current(context));
  std::vector<KeyExpiry> all;
  for (const std::string& key : KeysOf(*snapshot)) {
    const auto versions = signer.Published(context, key);
    if (!versions.ok()) {
      if (ReasonOf(versions.status()) == Reason::kKeyUnknown) {
        continue;
      }
      return versions.status();
    }
    for (KeyExpiry& one : ExpiriesOf(key, *versions, now)) {
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace masa::issuance
