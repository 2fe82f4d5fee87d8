// Enrolment profiles as operators write them.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class TenantProfiles : public Desk {
 protected:
  TenantProfiles() {
    const Identity leaf =
        testing::MakeIdentity(Spec("voucher signer", false), &voucher_root_);
    const auto key = [&](const char* name, const std::string& chain,
                         const Identity& of,
                         const std::vector<signing::Kind>& kinds) {
      signing::KeySource source{name, chain, kinds};
      source.tenant_id = "acme";
      return signing::LocalKeySource{source, of.KeyPem(), ""};
    };
    const std::vector<signing::Kind> issues = {signing::Kind::kCertificate,
                                               signing::Kind::kCrl};
    const Identity other = testing::MakeIdentity(Spec("other ca", true));
    keys_ = *signing::LocalSigner::New(
        {key("key", ChainOf(leaf), leaf, kVoucherKinds),
         key("ca", idevid_ca_.CertificatePem(), idevid_ca_, issues),
         key("other-ca", other.CertificatePem(), other, issues),
         key("leaf", ChainOf(leaf), leaf, issues)});
    policies_of_ = std::make_unique<ServePolicies>(
        Tools{store_, store_, store_, *keys_, verifier_, clock_, *policies_,
              *templates_, store_, store_, store_});
  }

  static identity::Principal Operator() {
    return {identity::Role::kOperator, "operator", "acme", ""};
  }

  // What is said to a tenant with this profile of devices, but for what
  // `spoil` does.
  absl::Status Written(
      const std::function<void(masa::v1::EnrollmentProfile&)>& spoil) {
    masa::v1::Tenant tenant = *policies_of_->GetTenant({}, Operator());
    auto* profile = tenant.add_enrollment_profiles();
    profile->set_label("factory");
    profile->set_kind(masa::v1::ENROLLMENT_KIND_IDEVID);
    profile->set_signing_key("ca");
    profile->set_product_id("default");
    profile->set_masa_url("masa.example");
    spoil(*profile);
    return policies_of_->UpdateTenant({}, Operator(), tenant, true, {})
        .status();
  }

  std::unique_ptr<signing::LocalSigner> keys_;
  std::unique_ptr<ServePolicies> policies_of_;
};

TEST_F(TenantProfiles, WhatCannotWorkIsNotWritten) {
  using Profile = masa::v1::EnrollmentProfile;
  const absl::Status good = Written([](Profile&) {});
  EXPECT_TRUE(good.ok()) << good;
  const struct {
    const char* says;
    std::function<void(Profile&)> spoil;
  } cases[] = {
      {"not for certificates", [](Profile& p) { p.set_signing_key("key"); }},
      {"not a CA's", [](Profile& p) { p.set_signing_key("leaf"); }},
      {"idevid_anchors_der", [](Profile& p) { p.set_signing_key("other-ca"); }},
      {"no product", [](Profile& p) { p.set_product_id("zz"); }},
  };
  for (const auto& one : cases) {
    const absl::Status written = Written(one.spoil);
    EXPECT_EQ(ReasonOf(written), Reason::kInvalidArgument) << written;
    EXPECT_NE(written.message().find(one.says), std::string::npos) << written;
  }
}

// Servers' CAs are not those of IDevIDs.
TEST_F(TenantProfiles, AServersCaIsAnyCa) {
  const absl::Status written = Written([](masa::v1::EnrollmentProfile& p) {
    p.set_kind(masa::v1::ENROLLMENT_KIND_TLS_SERVER);
    p.set_signing_key("other-ca");
    p.clear_product_id();
    p.clear_masa_url();
    p.mutable_validity()->set_seconds(86400);
    p.add_dns_suffixes(".acme.example");
  });
  EXPECT_TRUE(written.ok()) << written;
}

}  // namespace
}  // namespace masa::issuance
