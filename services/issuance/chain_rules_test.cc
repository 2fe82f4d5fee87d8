// Chains of keys that issue certificates.
#include "services/issuance/chain_rules.h"

#include "gtest/gtest.h"
#include "services/issuance/test_key_desk.h"
#include "services/status/field_faults.h"

namespace masa::issuance {
namespace {

class CaKeyDesk : public KeyDeskFixture {
 protected:
  CaKeyDesk()
      : KeyDeskFixture({{"ca",
                         "",
                         {signing::Kind::kCertificate, signing::Kind::kCrl,
                          signing::Kind::kOcspResponse},
                         false,
                         "acme"}}) {}

  // The tenant's devices are known by `anchor`; `ca` is the key of a profile.
  void Trust(const Identity& anchor) {
    masa::v1::Catalog catalog = Catalog();
    auto* tenant = catalog.mutable_tenants(0);
    tenant->set_idevid_anchors_der(0, anchor.CertificateDer());
    auto* profile = tenant->add_enrollment_profiles();
    profile->set_label("factory");
    profile->set_kind(masa::v1::ENROLLMENT_KIND_IDEVID);
    profile->set_signing_key("ca");
    profile->set_product_id("default");
    profile->set_masa_url("masa.example");
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  }

  // A new version's certificate by `by`, whose chain is checked for it.
  absl::Status Check(bool is_ca, const Identity& by) {
    const auto made = desk_->Create({}, Operator(), "ca",
                                    SignatureAlgorithm::kEcdsaP256Sha256, {});
    EXPECT_TRUE(made.ok()) << made.status();
    const std::string der =
        Certify(made->record.spki_der, Spec("issuing ca", is_ca), by)
            .CertificateDer();
    return desk_
        ->Activate({}, Operator(),
                   {{"ca", made->record.version},
                    {der, by.CertificateDer()},
                    {},
                    true},
                   {})
        .status();
  }
};

// OP-05 is for those who sign vouchers: an anchor above both CAs is how a CA's
// key changes without a word to anybody.
TEST_F(CaKeyDesk, ACaMayBeBelowTheAnchorOfItsDevices) {
  Trust(idevid_ca_);
  const absl::Status checked = Check(true, idevid_ca_);
  EXPECT_TRUE(checked.ok()) << checked;
}

// Else enrolments would fail from its moment on.
TEST_F(CaKeyDesk, ACaIsTrustedBeforeItSigns) {
  Trust(idevid_ca_);
  const absl::Status early = Check(true, voucher_root_);
  ASSERT_EQ(ReasonOf(early), Reason::kInvalidArgument);
  EXPECT_EQ(FieldFaultsOf(early).front().field, "chain_der");
  EXPECT_NE(early.message().find("idevid_anchors_der"), std::string::npos);
  Trust(voucher_root_);
  const absl::Status trusted = Check(true, voucher_root_);
  EXPECT_TRUE(trusted.ok()) << trusted;
}

TEST_F(CaKeyDesk, OnlyACasCertificateIsForAKeyThatIssues) {
  Trust(idevid_ca_);
  EXPECT_EQ(ReasonOf(Check(false, idevid_ca_)), Reason::kInvalidArgument);
}

TEST(CheckChainServes, AKeyForBothObeysTheRulesOfVouchers) {
  testing::CertificateSpec spec;
  spec.common_name = "ca";
  spec.is_ca = true;
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(24);
  const testing::Identity ca = testing::MakeIdentity(spec);
  masa::v1::Catalog catalog;
  catalog.add_tenants()->set_tenant_id("acme");
  catalog.mutable_tenants(0)->add_idevid_anchors_der(ca.CertificateDer());
  signing::KeyDescription key = {};
  key.name = "ca@1";
  key.chain_der = {ca.CertificateDer()};
  key.kinds = {signing::Kind::kCertificate};
  key.tenant_id = "acme";
  EXPECT_TRUE(CheckChainServes(key, catalog).ok());
  key.kinds.push_back(signing::Kind::kVoucherJws);
  EXPECT_EQ(ReasonOf(CheckChainServes(key, catalog)), Reason::kMisconfigured);
}

}  // namespace
}  // namespace masa::issuance
