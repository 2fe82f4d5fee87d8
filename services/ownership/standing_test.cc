#include "services/ownership/standing.h"

#include <string>

#include "gtest/gtest.h"
#include "services/testing/test_pki.h"
#include "services/wire/certificate.h"

namespace masa::ownership {
namespace {

testing::Identity DomainCa(const std::string& name) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = absl::FromUnixSeconds(1'700'000'000);
  spec.not_after = spec.not_before + absl::Hours(24);
  spec.is_ca = true;
  return testing::MakeIdentity(spec);
}

std::string SpkiHash(const testing::Identity& identity) {
  return (*wire::Certificate::Parse(identity.CertificateDer()))->spki_sha256;
}

// PN-14, PN-15: the key decides, not a name or a key identifier.
storage::DomainFacts Registered() {
  storage::DomainFacts domain;
  domain.customers.emplace_back().set_organization_id("org-acme");
  return domain;
}

storage::OwnershipStanding Standing(const storage::DeviceAnswer& device,
                                    const std::vector<std::string>& chain,
                                    const storage::DomainFacts& domain) {
  return StandingOf(device, chain, domain, masa::v1::Tenant(),
                    absl::FromUnixSeconds(1'700'000'000));
}

TEST(StandingOf, OwnsThroughAnyKeyOfItsChain) {
  const testing::Identity acme = DomainCa("acme");
  const testing::Identity other = DomainCa("acme");
  storage::DeviceAnswer device;
  device.device.organization_id = "org-acme";
  device.owner_certs = {{"garbage"}, {acme.CertificateDer()}};
  const auto owner =
      Standing(device, {SpkiHash(other), SpkiHash(acme)}, Registered());
  EXPECT_TRUE(owner.is_owner);
  EXPECT_EQ(owner.owner_cert_der, acme.CertificateDer());
  const auto stranger = Standing(device, {SpkiHash(other)}, {});
  EXPECT_FALSE(stranger.is_owner);
  EXPECT_TRUE(stranger.owner_recorded);
}

// PN-04: not what was registered first.
TEST(StandingOf, OwnsByTheHighestOfItsChain) {
  const testing::Identity root = DomainCa("root");
  const testing::Identity sub = DomainCa("sub");
  const testing::Identity leaf = DomainCa("leaf");
  const std::vector<std::string> whole = {SpkiHash(leaf), SpkiHash(sub),
                                          SpkiHash(root)};
  const storage::OwnerCert r{root.CertificateDer()}, s{sub.CertificateDer()},
      l{leaf.CertificateDer()};
  const struct {
    std::vector<storage::OwnerCert> certs;
    size_t count;  // of the chain, as it was sent
    size_t owner_cert;
  } cases[] = {
      {{r, s, l}, 3, 0}, {{s, l, r}, 3, 2}, {{l, r, s}, 3, 1},
      {{l, s, s}, 3, 1}, {{l, r, s}, 2, 2}, {{r, l, s}, 1, 1},
  };
  for (const auto& c : cases) {
    storage::DeviceAnswer device;
    device.device.organization_id = "org-acme";
    device.owner_certs = c.certs;
    const auto standing = Standing(
        device, {whole.begin(), whole.begin() + c.count}, Registered());
    EXPECT_TRUE(standing.is_owner);
    EXPECT_EQ(standing.owner_cert, c.owner_cert);
    EXPECT_EQ(standing.owner_cert_der, c.certs[c.owner_cert].certificate_der);
  }
}

// PN-05: of a chain through a public CA the registrar's own key alone.
TEST(StandingOf, NobodyOwnsByAPublicCa) {
  const testing::Identity root = DomainCa("root");
  const testing::Identity sub = DomainCa("sub");
  const testing::Identity leaf = DomainCa("leaf");
  const std::vector<std::string> chain = {SpkiHash(leaf), SpkiHash(sub),
                                          SpkiHash(root)};
  const struct {
    const testing::Identity& listed;
    const testing::Identity& registered;
    std::vector<std::string> chain;
    bool owner;
  } cases[] = {
      {root, root, chain, false},      {root, sub, chain, false},
      {root, leaf, chain, true},       {sub, root, chain, false},
      {root, root, {chain[2]}, false},
  };
  for (const auto& c : cases) {
    storage::DeviceAnswer device;
    device.device.organization_id = "org-acme";
    device.owner_certs = {{c.registered.CertificateDer()}};
    masa::v1::Tenant tenant;
    tenant.add_public_ca_spki_sha256(SpkiHash(c.listed));
    const auto standing = StandingOf(device, c.chain, Registered(), tenant,
                                     absl::FromUnixSeconds(1'700'000'000));
    EXPECT_EQ(standing.is_owner, c.owner);
    EXPECT_EQ(standing.registered_domain, c.owner);
  }
}

// AMB-01: whoever else has registered the same certificate.
TEST(StandingOf, TheOwnerAloneSaysWhetherVouchersMayBeEndless) {
  const testing::Identity acme = DomainCa("acme");
  storage::DeviceAnswer device;
  device.device.organization_id = "org-acme";
  device.owner_certs = {{acme.CertificateDer()}};
  storage::DomainFacts domain;
  for (const char* id : {"org-aa", "org-acme", "org-z"}) {
    domain.customers.emplace_back().set_organization_id(id);
  }
  const auto may = [&](bool others, bool owner) {
    domain.customers[0].set_nonceless_without_expiry(others);
    domain.customers[1].set_nonceless_without_expiry(owner);
    domain.customers[2].set_nonceless_without_expiry(others);
    return Standing(device, {SpkiHash(acme)}, domain).may_have_endless;
  };
  EXPECT_TRUE(may(false, true));
  EXPECT_FALSE(may(true, false));
  domain.customers.erase(domain.customers.begin() + 1);
  EXPECT_FALSE(Standing(device, {SpkiHash(acme)}, domain).may_have_endless);
}

TEST(StandingOf, NobodyOwnsADeviceWithoutOwner) {
  const testing::Identity acme = DomainCa("acme");
  storage::DeviceAnswer device;
  device.owner_certs = {{acme.CertificateDer()}};
  EXPECT_FALSE(Standing(device, {SpkiHash(acme)}, Registered()).is_owner);
}

// A certificate of the owner's authorises where the tenant's
// policy says, and as long as it is registered for.
TEST(Reaches, AsThePolicySaysAndUntilItsEnd) {
  using storage::CertPlace;
  constexpr auto kOrg = masa::v1::DOMAIN_CERT_REACH_SAME_ORG;
  constexpr auto kAncestor = masa::v1::DOMAIN_CERT_REACH_ANCESTOR;
  constexpr auto kExact = masa::v1::DOMAIN_CERT_REACH_EXACT_GROUP;
  constexpr auto kUnsaid = masa::v1::DOMAIN_CERT_REACH_UNSPECIFIED;
  const struct {
    masa::v1::DomainCertReach reach;
    CertPlace place;
    bool reaches;
  } cases[] = {
      {kOrg, CertPlace::kSameGroup, true},
      {kOrg, CertPlace::kAbove, true},
      {kOrg, CertPlace::kElsewhere, true},
      {kAncestor, CertPlace::kSameGroup, true},
      {kAncestor, CertPlace::kAbove, true},
      {kAncestor, CertPlace::kElsewhere, false},
      {kUnsaid, CertPlace::kAbove, true},
      {kUnsaid, CertPlace::kElsewhere, false},
      {kExact, CertPlace::kSameGroup, true},
      {kExact, CertPlace::kAbove, false},
      {kExact, CertPlace::kElsewhere, false},
  };
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  for (const auto& c : cases) {
    storage::OwnerCert cert{"", c.place};
    EXPECT_EQ(Reaches(cert, c.reach, now), c.reaches)
        << c.reach << " " << static_cast<int>(c.place);
    cert.expires_at = now + absl::Seconds(1);
    EXPECT_EQ(Reaches(cert, c.reach, now), c.reaches);
    cert.expires_at = now;
    EXPECT_FALSE(Reaches(cert, c.reach, now));
  }
}

}  // namespace
}  // namespace masa::ownership
