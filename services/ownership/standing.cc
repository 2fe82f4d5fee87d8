#include "services/ownership/standing.h"

#include <algorithm>

#include "services/wire/certificate.h"

namespace masa::ownership {
namespace {

// Of the key of a certificate on record; empty when that does not parse.
std::string HashOf(const storage::OwnerCert& cert) {
  if (!cert.spki_sha256.empty()) {
    return cert.spki_sha256;
  }
  const auto certificate = wire::Certificate::Parse(cert.certificate_der);
  return certificate.ok() ? (*certificate)->spki_sha256 : "";
}

using Keys = std::vector<std::string>;

bool LeadsToPublicCa(const Keys& chain, const masa::v1::Tenant& tenant) {
  return std::any_of(chain.begin(), chain.end(), [&](const std::string& key) {
    return storage::IsPublicCa(tenant, key);
  });
}

// How many keys of the chain speak for its domain, from the registrar's on.
size_t CountOfDomain(const Keys& chain, const masa::v1::Tenant& tenant) {
  if (!LeadsToPublicCa(chain, tenant)) {
    return chain.size();
  }
  return storage::IsPublicCa(tenant, chain.front()) ? 0 : 1;
}

// PN-04: by the highest key of its chain that is the owner's.
void FindOwner(const std::vector<storage::OwnerCert>& certs, const Keys& chain,
               const masa::v1::Tenant& tenant, masa::v1::DomainCertReach reach,
               absl::Time now, storage::OwnershipStanding* standing) {
  const size_t count = CountOfDomain(chain, tenant);
  // What comes before it in the chain is lower than what was found.
  size_t next = 0;
  for (size_t i = 0; i < certs.size() && next < count; ++i) {
    if (!Reaches(certs[i], reach, now)) {
      continue;
    }
    const std::string hash = HashOf(certs[i]);
    const auto end = chain.begin() + count;
    const auto found = std::find(chain.begin() + next, end, hash);
    if (hash.empty() || found == end) {
      continue;
    }
    next = found - chain.begin() + 1;
    standing->is_owner = standing->owner_recorded;
    standing->owner_cert_der = certs[i].certificate_der;
    standing->revocation_checks = certs[i].revocation_checks;
    standing->owner_cert = i;
  }
}

}  // namespace

bool Reaches(const storage::OwnerCert& cert, masa::v1::DomainCertReach reach,
             absl::Time now) {
  if (cert.expires_at && *cert.expires_at <= now) {
    return false;
  }
  switch (reach) {
    case masa::v1::DOMAIN_CERT_REACH_SAME_ORG:
      return true;
    case masa::v1::DOMAIN_CERT_REACH_EXACT_GROUP:
      return cert.place == storage::CertPlace::kSameGroup;
    default:
      return cert.place != storage::CertPlace::kElsewhere;
  }
}

storage::OwnershipStanding StandingOf(
    const storage::DeviceAnswer& device,
    const std::vector<std::string>& chain_spki_sha256,
    const storage::DomainFacts& domain, const masa::v1::Tenant& tenant,
    absl::Time now, std::optional<masa::v1::DomainCertReach> reach) {
  storage::OwnershipStanding standing;
  standing.owner_recorded = !device.device.organization_id.empty();
  standing.blocked_domain = domain.blocked;
  FindOwner(device.owner_certs, chain_spki_sha256, tenant,
            reach.value_or(tenant.domain_cert_reach()), now, &standing);
  // Of several keys the facts do not say which one is a customer's.
  standing.registered_domain =
      domain.registered() &&
      (standing.is_owner || !LeadsToPublicCa(chain_spki_sha256, tenant));
  // What others with this key may have says nothing of the owner.
  const auto* owner = domain.Find(device.device.organization_id);
  standing.may_have_endless =
      standing.is_owner && owner && owner->nonceless_without_expiry();
  return standing;
}

}  // namespace masa::ownership
