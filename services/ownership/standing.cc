#include "services/ownership/standing.h"

#include <algorithm>

#include "services/wire/certificate.h"

namespace masa::ownership {

storage::OwnershipStanding StandingOf(
    const storage::DeviceAnswer& device,
    const std::vector<std::string>& chain_spki_sha256,
    const storage::DomainFacts& domain) {
  storage::OwnershipStanding standing;
  standing.owner_recorded = !device.device.organization_id.empty();
  standing.registered_domain = domain.registered();
  standing.blocked_domain = domain.blocked;
  for (const std::string& der : device.owner_domain_certs_der) {
    const auto certificate = wire::Certificate::Parse(der);
    if (certificate.ok() &&
        std::find(chain_spki_sha256.begin(), chain_spki_sha256.end(),
                  (*certificate)->spki_sha256) != chain_spki_sha256.end()) {
      standing.is_owner = standing.owner_recorded;
      standing.owner_cert_der = der;
      break;
    }
  }
  standing.may_have_endless = standing.is_owner && domain.customer &&
                              domain.customer->nonceless_without_expiry();
  return standing;
}

}  // namespace masa::ownership
