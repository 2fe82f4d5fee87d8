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
  domain.customer.emplace();
  return domain;
}

TEST(StandingOf, OwnsThroughAnyKeyOfItsChain) {
  const testing::Identity acme = DomainCa("acme");
  const testing::Identity other = DomainCa("acme");
  storage::DeviceAnswer device;
  device.device.organization_id = "org-acme";
  device.owner_domain_certs_der = {"garbage", acme.CertificateDer()};
  const auto owner =
      StandingOf(device, {SpkiHash(other), SpkiHash(acme)}, Registered());
  EXPECT_TRUE(owner.is_owner);
  EXPECT_EQ(owner.owner_cert_der, acme.CertificateDer());
  const auto stranger = StandingOf(device, {SpkiHash(other)}, {});
  EXPECT_FALSE(stranger.is_owner);
  EXPECT_TRUE(stranger.owner_recorded);
}

TEST(StandingOf, NobodyOwnsADeviceWithoutOwner) {
  const testing::Identity acme = DomainCa("acme");
  storage::DeviceAnswer device;
  device.owner_domain_certs_der = {acme.CertificateDer()};
  EXPECT_FALSE(StandingOf(device, {SpkiHash(acme)}, Registered()).is_owner);
}

}  // namespace
}  // namespace masa::ownership
