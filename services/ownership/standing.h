// Does this domain own this device? Pure.
#ifndef SERVICES_OWNERSHIP_STANDING_H_
#define SERVICES_OWNERSHIP_STANDING_H_

#include <optional>
#include <string>
#include <vector>

#include "storage/catalog_store.h"
#include "storage/device_store.h"
#include "storage/ownership.h"

namespace masa::ownership {

// Whether a domain certificate of the owner's lets registrars have the device:
// it has not expired, and stands where the tenant's `reach` asks for.
bool Reaches(const storage::OwnerCert& cert, masa::v1::DomainCertReach reach,
             absl::Time now);

// The standing of a domain whose verified chain has these keys (SHA-256 of
// each SPKI, PN-14), the registrar's first; `domain` is what is on record of
// them. A domain certificate on record that does not parse, or does not reach
// the device as the tenant's policy or `reach` says, owns nothing. Nor does a
// public CA's, and what one issued owns by the registrar's own key alone
// (PN-05).
storage::OwnershipStanding StandingOf(
    const storage::DeviceAnswer& device,
    const std::vector<std::string>& chain_spki_sha256,
    const storage::DomainFacts& domain, const masa::v1::Tenant& tenant,
    absl::Time now, std::optional<masa::v1::DomainCertReach> reach = {});

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_STANDING_H_
