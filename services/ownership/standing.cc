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
    const storage::DomainFacts& domain, masa::v1::DomainCertReach reach,
    absl::Time now) {
  storage::OwnershipStanding standing;
  standing.owner_recorded = !device.device.organization_id.empty();
  standing.registered_domain = domain.registered();
  standing.blocked_domain = domain.blocked;
  for (size_t i = 0; i < device.owner_certs.size(); ++i) {
    const storage::OwnerCert& cert = device.owner_certs[i];
    if (!Reaches(cert, reach, now)) {
      continue;
    }
    const std::string hash = HashOf(cert);
    if (!hash.empty() &&
        std::find(chain_spki_sha256.begin(), chain_spki_sha256.end(), hash) !=
            chain_spki_sha256.end()) {
      standing.is_owner = standing.owner_recorded;
      standing.owner_cert_der = cert.certificate_der;
      standing.owner_cert = i;
      break;
    }
  }
  // What others with this key may have says nothing of the owner.
  const auto* owner = domain.Find(device.device.organization_id);
  standing.may_have_endless =
      standing.is_owner && owner && owner->nonceless_without_expiry();
  return standing;
}

}  // namespace masa::ownership
