#include <string>

#include "gtest/gtest.h"
#include "services/testing/cms_sign.h"
#include "services/testing/fake_clock.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"

namespace masa::testing {
namespace {

CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = absl::FromUnixSeconds(1'700'000'000);
  spec.not_after = spec.not_before + absl::Hours(24);
  spec.is_ca = is_ca;
  return spec;
}

TEST(TestPki, LeafIsSignedByItsIssuerForEveryKindOfKey) {
  const Identity ca = MakeIdentity(Spec("ca", true));
  for (const KeyKind kind :
       {KeyKind::kP256, KeyKind::kP384, KeyKind::kRsa2048}) {
    CertificateSpec spec = Spec("leaf", false);
    spec.key = kind;
    spec.extended_key_usages = {kCmcRa, kClientAuth};
    spec.subject_alternative_names = {"DNS:a.example", "IP:127.0.0.1",
                                      "URI:urn:x:y"};
    spec.masa_url = "masa.example";
    const Identity leaf = MakeIdentity(spec, &ca);
    EXPECT_EQ(X509_verify(leaf.certificate.get(), ca.key.get()), 1);
    EXPECT_NE(X509_verify(leaf.certificate.get(), leaf.key.get()), 1);
  }
}

TEST(TestPki, PemTextsGiveTheIdentityBack) {
  const Identity made = MakeIdentity(Spec("x", false));
  const Identity read = IdentityFromPem(made.CertificatePem(), made.KeyPem());
  EXPECT_EQ(read.CertificateDer(), made.CertificateDer());
  EXPECT_EQ(X509_check_private_key(made.certificate.get(), read.key.get()), 1);
}

TEST(SignCms, OptionsChangeWhatTheySay) {
  const Identity signer = MakeIdentity(Spec("x", false));
  const std::string plain = SignCms("payload", signer);
  EXPECT_NE(plain.find("payload"), std::string::npos);
  CmsOptions detached;
  detached.detached = true;
  EXPECT_EQ(SignCms("payload", signer, detached).find("payload"),
            std::string::npos);
}

TEST(Requests, LeavesLeftOutAreNotWritten) {
  RequestLeaves leaves;
  leaves.serial_number = "S-1";
  leaves.idevid_issuer = std::string("\x04\x14", 2);
  EXPECT_EQ(RequestJson(leaves),
            "{\"ietf-voucher-request:voucher\":{\"serial-number\":\"S-1\","
            "\"idevid-issuer\":\"BBQ=\"}}");
}

TEST(FakeClock, MovesOnlyWhenAsked) {
  FakeClock clock(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Seconds(3));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Seconds(3));
}

}  // namespace
}  // namespace masa::testing
