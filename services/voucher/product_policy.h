// What a product's policy says where it is silent, and what it may not say.
// Pure.
#ifndef SERVICES_VOUCHER_PRODUCT_POLICY_H_
#define SERVICES_VOUCHER_PRODUCT_POLICY_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "storage/device.h"

namespace masa::voucher {

// AMB-12: 24 hours unless set.
absl::Duration CreatedOnWindow(const masa::v1::Product& product);

// VI-06: 20 minutes unless set.
absl::Duration NoncelessLifetime(const masa::v1::Product& product);

// SE-02, AMB-25: zero unless set.
absl::Duration ClaimInterval(const masa::v1::Product& product);

// SE-08, AL-26: 400 days unless set.
absl::Duration Retention(const masa::v1::Tenant& tenant);

// SE-01: of a tenant that has a limit for registrars.
absl::Duration RegistrarInterval(const masa::v1::Tenant& tenant);

// VI-14, OP-07: the key for vouchers of this class and this device, whose
// label `batch` may name another.
const std::string& SigningKeyFor(const masa::v1::Product& product,
                                 const storage::Device& device, bool nonceless);

// PN-06: vouchers of the product pin a registrar's key, not a certificate.
bool PinsRawKey(const masa::v1::Product& product);

// Whether a rule of the product looks at other domains' vouchers for a device.
bool LooksAtClaims(const masa::v1::Product& product);

// Every key that the product signs with.
std::set<std::string> SigningKeysOf(const masa::v1::Product& product);

// kMisconfigured with the field that is missing or contradicts another.
absl::Status CheckProduct(const masa::v1::Product& product);
// OP-04, OP-05: the chain of a key that shall sign for this product, signer
// first: it has no key of a CA that issues the tenant's IDevIDs, and its signer
// bears the product's marker. kMisconfigured.
absl::Status CheckSigner(const std::string& key,
                         const std::vector<std::string>& chain_der,
                         const masa::v1::Tenant& tenant,
                         const masa::v1::Product& product);
absl::Status CheckTenant(const masa::v1::Tenant& tenant);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_PRODUCT_POLICY_H_
