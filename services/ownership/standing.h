// Does this domain own this device? Pure.
#ifndef SERVICES_OWNERSHIP_STANDING_H_
#define SERVICES_OWNERSHIP_STANDING_H_

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
// each SPKI, PN-14). A domain certificate on record that does not parse, or
// does not reach the device, owns nothing.
storage::OwnershipStanding StandingOf(
    const storage::DeviceAnswer& device,
    const std::vector<std::string>& chain_spki_sha256,
    const storage::DomainFacts& domain, masa::v1::DomainCertReach reach,
    absl::Time now);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_STANDING_H_
