#include "services/issuance/chain_rules.h"

#include <algorithm>
#include <string>

#include "services/issuance/ca_key.h"
#include "services/signing/key_names.h"
#include "services/status/macros.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {
namespace {

using signing::Kind;

bool IsFor(const signing::KeyDescription& key, Kind kind) {
  return std::find(key.kinds.begin(), key.kinds.end(), kind) != key.kinds.end();
}

bool SignsVouchers(const signing::KeyDescription& key) {
  return IsFor(key, Kind::kVoucherCms) || IsFor(key, Kind::kVoucherJws) ||
         IsFor(key, Kind::kVoucherCose);
}

// Of every product that the key signs for, and of the tenant in any case.
absl::Status CheckSigns(const signing::KeyDescription& key,
                        const masa::v1::Tenant& tenant,
                        const masa::v1::Catalog& catalog) {
  const std::string name = signing::ParseKeyName(key.name).key;
  MASA_RETURN_IF_ERROR(voucher::CheckSigner(name, key.chain_der, tenant, {}));
  for (const masa::v1::Product& product : catalog.products()) {
    if (product.tenant_id() == key.tenant_id &&
        voucher::SigningKeysOf(product).contains(name)) {
      MASA_RETURN_IF_ERROR(
          voucher::CheckSigner(name, key.chain_der, tenant, product));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckIssues(const signing::KeyDescription& key,
                         const masa::v1::Tenant& tenant) {
  MASA_ASSIGN_OR_RETURN(const CaKey ca, CaWith(key));
  const std::string name = signing::ParseKeyName(key.name).key;
  for (const masa::v1::EnrollmentProfile& profile :
       tenant.enrollment_profiles()) {
    if (profile.signing_key() == name &&
        profile.kind() == masa::v1::ENROLLMENT_KIND_IDEVID) {
      MASA_RETURN_IF_ERROR(CheckIssuesIdevids(tenant, ca));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckChainServes(const signing::KeyDescription& key,
                              const masa::v1::Catalog& catalog) {
  masa::v1::Tenant tenant;
  for (const masa::v1::Tenant& one : catalog.tenants()) {
    if (one.tenant_id() == key.tenant_id) {
      tenant = one;
    }
  }
  const bool issues = IsFor(key, Kind::kCertificate);
  if (!issues || SignsVouchers(key)) {
    MASA_RETURN_IF_ERROR(CheckSigns(key, tenant, catalog));
  }
  return issues ? CheckIssues(key, tenant) : absl::OkStatus();
}

}  // namespace masa::issuance
