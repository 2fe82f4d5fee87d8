#include "services/enrollment/profile.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"

namespace masa::enrollment {
namespace {

using testing::HasReason;
using testing::IsOk;

masa::v1::Tenant TenantWith(const masa::v1::EnrollmentProfile& profile) {
  masa::v1::Tenant tenant;
  tenant.set_tenant_id("acme");
  *tenant.add_enrollment_profiles() = profile;
  return tenant;
}

masa::v1::EnrollmentProfile Factory() {
  masa::v1::EnrollmentProfile profile;
  profile.set_label("factory");
  profile.set_is_default(true);
  profile.set_kind(masa::v1::ENROLLMENT_KIND_IDEVID);
  profile.set_signing_key("ca");
  profile.set_product_id("p");
  profile.set_masa_url("masa.example");
  return profile;
}

masa::v1::EnrollmentProfile Servers() {
  masa::v1::EnrollmentProfile profile;
  profile.set_label("servers");
  profile.set_kind(masa::v1::ENROLLMENT_KIND_TLS_SERVER);
  profile.set_signing_key("ca");
  profile.mutable_validity()->set_seconds(86400);
  profile.add_dns_suffixes(".acme.example");
  return profile;
}

TEST(CheckProfiles, TakesTheGoodOnes) {
  masa::v1::EnrollmentProfile factory = Factory();
  factory.set_crl_url("http://pki.acme.example/factory.crl");
  factory.set_ocsp_url("https://pki.acme.example/ocsp");
  factory.set_organization(std::string(64, 'O'));
  factory.set_serial_prefix("ACME-");
  factory.set_longest_serial(5);
  masa::v1::Tenant tenant = TenantWith(factory);
  *tenant.add_enrollment_profiles() = Servers();
  EXPECT_THAT(CheckProfiles(tenant), IsOk());
  EXPECT_THAT(CheckProfiles(masa::v1::Tenant()), IsOk());
}

TEST(CheckProfiles, NamesWhatIsWrong) {
  struct Case {
    const char* says;
    void (*spoil)(masa::v1::EnrollmentProfile& profile);
  };
  const Case cases[] = {
      {"no operation", [](auto& p) { p.set_label("cacerts"); }},
      {"no operation", [](auto& p) { p.set_label("a/b"); }},
      {"no operation", [](auto& p) { p.clear_label(); }},
      {"signing_key", [](auto& p) { p.clear_signing_key(); }},
      {"kind", [](auto& p) { p.clear_kind(); }},
      {"product_id", [](auto& p) { p.clear_product_id(); }},
      {"masa_url", [](auto& p) { p.clear_masa_url(); }},
      {"64 characters", [](auto& p) { p.set_longest_serial(65); }},
      {"dns_suffixes", [](auto& p) { p.add_dns_suffixes(".a"); }},
      {"an hour", [](auto& p) { p.mutable_validity()->set_seconds(1); }},
      {"ocsp_validity",
       [](auto& p) { p.mutable_ocsp_validity()->set_seconds(3599); }},
      {"ocsp_validity",
       [](auto& p) { p.mutable_ocsp_validity()->set_seconds(864001); }},
      {"http", [](auto& p) { p.set_crl_url("ftp://a"); }},
      {"http", [](auto& p) { p.set_crl_url("httpx"); }},
      {"http", [](auto& p) { p.set_ocsp_url("http://"); }},
      {"ASCII", [](auto& p) { p.set_ocsp_url("http://a\xc3\xa4"); }},
      {"ASCII", [](auto& p) { p.set_crl_url("http://a b"); }},
      {"masa_url", [](auto& p) { p.set_masa_url("mas\xc3\xa4.example"); }},
      {"masa_url", [](auto& p) { p.set_masa_url(std::string(513, 'a')); }},
      {"organization",
       [](auto& p) { p.set_organization(std::string(65, 'O')); }},
      {"organization", [](auto& p) { p.set_organization("a\nb"); }},
      {"PrintableString", [](auto& p) { p.set_serial_prefix("\xc3\xa9"); }},
      {"PrintableString", [](auto& p) { p.set_serial_prefix(" S"); }},
      {"as many as serial_prefix",
       [](auto& p) {
         p.set_serial_prefix("ACME-");
         p.set_longest_serial(4);
       }},
      {"32 octets (base64",
       [](auto& p) { p.add_factory_lines()->set_name("l"); }},
      {"object identifier", [](auto& p) { p.add_extended_key_usages("x"); }},
      {"keys",
       [](auto& p) { p.add_keys(masa::v1::ENROLLMENT_KEY_UNSPECIFIED); }},
  };
  for (const Case& one : cases) {
    masa::v1::EnrollmentProfile profile = Factory();
    one.spoil(profile);
    const absl::Status status = CheckProfiles(TenantWith(profile));
    EXPECT_THAT(status, HasReason(Reason::kMisconfigured));
    EXPECT_NE(status.message().find(one.says), absl::string_view::npos)
        << status;
  }
}

TEST(CheckProfiles, LabelsAreDifferentAndOneIsTheDefault) {
  masa::v1::Tenant tenant = TenantWith(Factory());
  *tenant.add_enrollment_profiles() = Factory();
  EXPECT_THAT(CheckProfiles(tenant), HasReason(Reason::kMisconfigured));
  tenant.mutable_enrollment_profiles(1)->set_label("other");
  EXPECT_THAT(CheckProfiles(tenant), HasReason(Reason::kMisconfigured));
  tenant.mutable_enrollment_profiles(1)->set_is_default(false);
  EXPECT_THAT(CheckProfiles(tenant), IsOk());
}

TEST(CheckProfiles, AServersProfileHasDomainsAndAnEnd) {
  masa::v1::EnrollmentProfile profile = Servers();
  profile.clear_dns_suffixes();
  EXPECT_THAT(CheckProfiles(TenantWith(profile)),
              HasReason(Reason::kMisconfigured));
  for (const char* suffix :
       {".", "acme.example", ".Acme.example", ".a..b", ".a_b.example"}) {
    profile = Servers();
    profile.add_dns_suffixes(suffix);
    EXPECT_THAT(CheckProfiles(TenantWith(profile)),
                HasReason(Reason::kMisconfigured))
        << suffix;
  }
  profile = Servers();
  profile.clear_validity();
  EXPECT_THAT(CheckProfiles(TenantWith(profile)),
              HasReason(Reason::kMisconfigured));
}

TEST(ProfileOf, FindsByLabelOrTheDefault) {
  const masa::v1::Tenant tenant = TenantWith(Factory());
  EXPECT_EQ((*ProfileOf(tenant, ""))->label(), "factory");
  EXPECT_EQ((*ProfileOf(tenant, "factory"))->label(), "factory");
  EXPECT_THAT(ProfileOf(tenant, "none"), HasReason(Reason::kProfileUnknown));
  EXPECT_THAT(ProfileOf(masa::v1::Tenant(), ""),
              HasReason(Reason::kProfileUnknown));
}

TEST(ProfileOf, SaysHowLongAResponseHolds) {
  masa::v1::EnrollmentProfile profile = Factory();
  EXPECT_EQ(OcspTimeOf(profile), absl::Hours(24));
  profile.mutable_ocsp_validity()->set_seconds(7200);
  EXPECT_EQ(OcspTimeOf(profile), absl::Hours(2));
}

TEST(ProfileOf, IsSilentAboutEndsAndKeys) {
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  EXPECT_EQ(EndOf(Factory(), now), absl::InfiniteFuture());
  EXPECT_EQ(EndOf(Servers(), now), now + absl::Hours(24));
  EXPECT_EQ(KeysOf(Factory()).size(), 3u);
  masa::v1::EnrollmentProfile only = Factory();
  only.add_keys(masa::v1::ENROLLMENT_KEY_RSA);
  EXPECT_EQ(KeysOf(only), std::vector<wire::KeyShape>{wire::KeyShape::kRsa});
}

}  // namespace
}  // namespace masa::enrollment
