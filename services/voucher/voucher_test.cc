// The choices that a verdict is made of, as tables. The refusals are shown with
// whole requests, in services/issuance.
#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

testing::Identity Make(const std::string& name, bool is_ca,
                       const testing::Identity* issuer,
                       absl::Duration life = absl::Hours(24)) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + life;
  spec.is_ca = is_ca;
  return testing::MakeIdentity(spec, issuer);
}

wire::Certificate Parsed(const testing::Identity& identity) {
  return *wire::Certificate::Parse(identity.CertificateDer());
}

masa::v1::Product Product() {
  masa::v1::Product product;
  product.set_tenant_id("t");
  product.set_product_id("p");
  product.add_formats(masa::v1::FORMAT_CMS_JSON);
  product.set_ownership(masa::v1::OWNERSHIP_RULE_ANY_DOMAIN);
  product.set_signing_key("key");
  return product;
}

// What a case is made of, each part to be changed by itself.
struct Facts {
  explicit Facts(const std::vector<testing::Identity>& chain)
      : registrar{Parsed(chain.front()), {}} {
    for (const auto& one : chain) {
      registrar.chain.push_back(Parsed(one));
    }
    request.leaves.nonce = "01234567";
  }
  voucher::Case Case() const {
    return {request, prior,   registrar, tenant, product, device,    standing,
            kNow,    history, {},        false,  {},      revocation};
  }

  wire::VoucherRequest request;
  MaybePrior prior;
  Registrar registrar;
  masa::v1::Tenant tenant;
  masa::v1::Product product = Product();
  storage::DeviceAnswer device;
  storage::OwnershipStanding standing;
  std::vector<storage::IssuedVoucher> history;
  RevocationState revocation;
};

// PV-15, PV-16, PV-17, PV-18, PR-12, AMB-17.
TEST(ChooseAssertion, SaysNoMoreThanWasShown) {
  constexpr auto kNothing = masa::v1::ASSERTION_UNSPECIFIED;
  constexpr auto kVerified = masa::v1::ASSERTION_VERIFIED;
  constexpr auto kProximity = masa::v1::ASSERTION_PROXIMITY;
  constexpr auto kAgent = masa::v1::ASSERTION_AGENT_PROXIMITY;
  const struct {
    masa::v1::Assertion shown;
    bool owner;
    masa::v1::Assertion preferred;
    masa::v1::Assertion chosen;
  } cases[] = {
      {kNothing, false, kVerified, masa::v1::ASSERTION_LOGGED},
      {kProximity, false, kVerified, kProximity},
      {kAgent, false, kVerified, kAgent},
      {kNothing, true, kNothing, kVerified},
      {kProximity, true, kNothing, kProximity},
      {kProximity, true, kVerified, kVerified},
      {kAgent, true, kProximity, kAgent},
  };
  for (const auto& c : cases) {
    masa::v1::Product product = Product();
    product.set_preferred_assertion(c.preferred);
    storage::OwnershipStanding standing;
    standing.is_owner = c.owner;
    EXPECT_EQ(ChooseAssertion(product, standing, c.shown), c.chosen);
  }
}

// PN-01, PN-02, PN-03, PN-04, AMB-05, AMB-13.
TEST(ChoosePin, PinsTheLowestCaSentOrTheEndEntity) {
  const auto root = Make("root", true, nullptr);
  const auto sub = Make("sub", true, &root);
  const auto leaf = Make("leaf", false, &sub);
  Facts whole({leaf, sub, root});
  const Facts alone({leaf});
  EXPECT_EQ(ChoosePin(whole.Case(), "")->certificate->der,
            sub.CertificateDer());
  EXPECT_EQ(ChoosePin(alone.Case(), "")->certificate->der,
            leaf.CertificateDer());
  EXPECT_TRUE(ChoosePin(alone.Case(), "")->issuer_spki_sha256.empty());
  whole.product.set_pin(masa::v1::PIN_RULE_HIGHEST_CA);
  EXPECT_EQ(ChoosePin(whole.Case(), "")->certificate->der,
            root.CertificateDer());
  whole.product.set_pin(masa::v1::PIN_RULE_END_ENTITY);
  const auto pin = ChoosePin(whole.Case(), "");
  EXPECT_EQ(pin->certificate->der, leaf.CertificateDer());
  EXPECT_EQ(pin->issuer_spki_sha256, Parsed(sub)->spki_sha256);
  EXPECT_EQ(pin->form, Pin::Form::kCertificate);
}

// PN-06, PN-07, PN-13, AMB-14: keys for pledges that know keys, and never a
// CA's.
TEST(ChoosePin, PinsTheRegistrarsKeyWherePledgesKnowKeys) {
  const auto root = Make("root", true, nullptr);
  const auto leaf = Make("leaf", false, &root);
  const struct {
    masa::v1::PinRule rule;
    bool raw_public_keys;
    Pin::Form form;
    bool is_leaf;
  } cases[] = {
      {masa::v1::PIN_RULE_REGISTRAR_PUBK, false, Pin::Form::kPubk, true},
      {masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256, false, Pin::Form::kPubkSha256,
       true},
      {masa::v1::PIN_RULE_END_ENTITY, true, Pin::Form::kPubk, true},
      {masa::v1::PIN_RULE_LOWEST_CA, true, Pin::Form::kCertificate, false},
  };
  for (const auto& c : cases) {
    Facts facts({leaf, root});
    facts.product.set_pin(c.rule);
    facts.product.set_raw_public_keys(c.raw_public_keys);
    const auto pin = ChoosePin(facts.Case(), "");
    EXPECT_EQ(pin->form, c.form);
    EXPECT_EQ(pin->certificate->der,
              c.is_leaf ? leaf.CertificateDer() : root.CertificateDer());
    if (c.is_leaf) {
      EXPECT_EQ(pin->DomainId(), Parsed(leaf)->spki_sha256);
    }
  }
}

// PN-05: not a CA from which anyone gets a certificate, nor one below it.
TEST(ChoosePin, NeverPinsAPublicCa) {
  const auto root = Make("public root", true, nullptr);
  const auto sub = Make("public sub", true, &root);
  const auto leaf = Make("leaf", false, &sub);
  for (const auto rule :
       {masa::v1::PIN_RULE_LOWEST_CA, masa::v1::PIN_RULE_HIGHEST_CA}) {
    Facts facts({leaf, sub, root});
    facts.product.set_pin(rule);
    facts.tenant.add_public_ca_spki_sha256(Parsed(root)->spki_sha256);
    const auto pin = ChoosePin(facts.Case(), "");
    EXPECT_EQ(pin->certificate->der, leaf.CertificateDer());
    // Nor does its key speak for the domain later.
    EXPECT_TRUE(pin->issuer_spki_sha256.empty());
    // Nor because it was pinned before (VI-12).
    for (const auto& ca : {sub, root}) {
      EXPECT_EQ(
          ChoosePin(facts.Case(), Parsed(ca)->spki_sha256)->certificate->der,
          leaf.CertificateDer());
    }
  }
}

// VI-12, PN-06: pinned again is a CA whose certificate pledges can read.
TEST(ChoosePin, PinsTheRenewedCaButForPledgesThatKnowKeysAlone) {
  const auto root = Make("root", true, nullptr);
  const auto leaf = Make("leaf", false, &root);
  const struct {
    masa::v1::PinRule rule;
    bool is_leaf;
  } cases[] = {
      {masa::v1::PIN_RULE_END_ENTITY, false},
      {masa::v1::PIN_RULE_REGISTRAR_PUBK, true},
      {masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256, true},
  };
  for (const auto& c : cases) {
    Facts facts({leaf, root});
    facts.product.set_pin(c.rule);
    const auto pin = ChoosePin(facts.Case(), Parsed(root)->spki_sha256);
    EXPECT_EQ(pin->certificate->der,
              c.is_leaf ? leaf.CertificateDer() : root.CertificateDer());
    EXPECT_EQ(pin->form == Pin::Form::kCertificate, !c.is_leaf);
  }
}

// VI-05, VI-06, VI-09.
TEST(ChooseExpiry, EndsWithTheEarliestOfLifetimeAndCertificates) {
  const auto root = Make("root", true, nullptr, absl::Minutes(30));
  const auto brief = Make("leaf", false, &root, absl::Minutes(5));
  const auto lasting = Make("leaf", false, &root, absl::Hours(24));
  const Pin pin{Parsed(root), Pin::Form::kCertificate, ""};
  Facts long_lived({lasting}), short_lived({brief});
  EXPECT_FALSE(ChooseExpiry(long_lived.Case(), pin)->has_value());
  long_lived.request.leaves.nonce.reset();
  short_lived.request.leaves.nonce.reset();
  EXPECT_EQ(**ChooseExpiry(long_lived.Case(), pin), kNow + absl::Minutes(20));
  EXPECT_EQ(**ChooseExpiry(short_lived.Case(), pin), kNow + absl::Minutes(5));
  long_lived.product.mutable_nonceless_lifetime()->set_seconds(3600);
  EXPECT_EQ(**ChooseExpiry(long_lived.Case(), pin), kNow + absl::Minutes(30));
  long_lived.revocation.until = kNow + absl::Minutes(7);
  EXPECT_EQ(**ChooseExpiry(long_lived.Case(), pin), kNow + absl::Minutes(7));
  const Pin ended{Parsed(Make("ended", true, nullptr, absl::ZeroDuration())),
                  Pin::Form::kCertificate, ""};
  EXPECT_EQ(ReasonOf(ChooseExpiry(long_lived.Case(), ended).status()),
            Reason::kCertificateExpired);
}

// VI-04, VI-07, VI-08, SE-17, SZ-06, AMB-01: no end only where product and
// customer both have it so, else an end for devices that know the time, and
// none for devices that cannot tell.
TEST(ChooseExpiry, NeedsProductAndCustomerForNoEnd) {
  Facts facts({Make("leaf", false, nullptr)});
  facts.request.leaves.nonce.reset();
  const Pin pin{facts.registrar.signer, Pin::Form::kCertificate, ""};
  for (const bool product : {false, true}) {
    for (const bool customer : {false, true}) {
      facts.product.set_nonceless_without_expiry(product);
      facts.standing.may_have_endless = customer;
      facts.product.set_clock(masa::v1::CLOCK_RULE_TRUSTED);
      EXPECT_EQ(ChooseExpiry(facts.Case(), pin)->has_value(),
                !(product && customer));
      facts.product.set_clock(masa::v1::CLOCK_RULE_NONE);
      EXPECT_EQ(ChooseExpiry(facts.Case(), pin).ok(), product && customer);
    }
  }
}

// RV-18, AMB-12.
TEST(CheckCreatedOn, WindowIsADayBackAndFiveMinutesAhead) {
  const struct {
    absl::Duration from_now;
    bool accepted;
  } cases[] = {
      {absl::Hours(-2), true},   {absl::Hours(-24), true},
      {absl::Hours(-26), false}, {absl::Minutes(5), true},
      {absl::Minutes(6), false},
  };
  for (const auto& c : cases) {
    wire::VoucherRequest request;
    request.leaves.created_on = kNow + c.from_now;
    EXPECT_EQ(CheckCreatedOn(request, Product(), kNow).ok(), c.accepted)
        << c.from_now;
  }
  EXPECT_TRUE(CheckCreatedOn({}, Product(), kNow).ok());  // RV-19
}

// PV-23.
TEST(CheckDeviceState, BlockedAndScrappedDevicesGetNothing) {
  storage::Device device;
  for (const auto state :
       {storage::DeviceState::kBlocked, storage::DeviceState::kScrapped}) {
    device.state = state;
    EXPECT_EQ(ReasonOf(CheckDeviceState(device)), Reason::kDeviceBlocked);
  }
  device.state = storage::DeviceState::kInTransfer;
  EXPECT_EQ(ReasonOf(CheckDeviceState(device)), Reason::kDeviceInTransfer);
  device.state = storage::DeviceState::kClaimed;
  EXPECT_TRUE(CheckDeviceState(device).ok());
}

TEST(CheckProduct, NamesTheFieldThatIsWrong) {
  EXPECT_TRUE(CheckProduct(Product()).ok());
  const struct {
    void (*breaks)(masa::v1::Product*);
    const char* names;
  } cases[] = {
      {[](auto* p) { p->clear_product_id(); }, "product_id"},
      {[](auto* p) { p->clear_formats(); }, "formats"},
      {[](auto* p) { p->add_formats(masa::v1::FORMAT_UNSPECIFIED); },
       "formats"},
      {[](auto* p) { p->clear_ownership(); }, "ownership"},
      {[](auto* p) { p->clear_signing_key(); }, "signing_key"},
      {[](auto* p) { p->mutable_created_on_window()->set_seconds(-1); },
       "created_on_window"},
      {[](auto* p) { p->mutable_claim_interval()->set_seconds(-1); },
       "claim_interval"},
      {[](auto* p) {
         p->set_clock(masa::v1::CLOCK_RULE_NONE);
         p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
       },
       "CLOCK_RULE_NONE"},
      {[](auto* p) { p->set_responder_mode(true); }, "responder_mode"},
      {[](auto* p) {
         p->set_domain_cert_revocation_checks(true);
         p->set_pin(masa::v1::PIN_RULE_REGISTRAR_PUBK);
       },
       "domain_cert_revocation_checks"},
  };
  for (const auto& c : cases) {
    masa::v1::Product product = Product();
    c.breaks(&product);
    const absl::Status status = CheckProduct(product);
    EXPECT_EQ(ReasonOf(status), Reason::kMisconfigured);
    EXPECT_NE(std::string(status.message()).find(c.names), std::string::npos)
        << status;
  }
}

// OP-04, OP-05: the marker that devices look for, and no key of an IDevID CA.
TEST(CheckSigner, NeedsTheMarkerAndNoIdevidCa) {
  const auto root = Make("voucher root", true, nullptr);
  const auto idevid = Make("idevid ca", true, nullptr);
  const auto signer = Make("signer", false, &root);
  masa::v1::Tenant tenant;
  tenant.add_idevid_anchors_der(idevid.CertificateDer());
  masa::v1::Product product = Product();
  const auto check = [&](const testing::Identity& above) {
    return CheckSigner("key", {signer.CertificateDer(), above.CertificateDer()},
                       tenant, product);
  };
  EXPECT_TRUE(check(root).ok());
  EXPECT_EQ(ReasonOf(check(idevid)), Reason::kMisconfigured);
  product.set_signer_policy_oid("1.3.6.1.4.1.32473.1");
  EXPECT_EQ(ReasonOf(check(root)), Reason::kMisconfigured);
  testing::CertificateSpec spec;
  spec.common_name = "signer";
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  spec.policy_oid = "1.3.6.1.4.1.32473.1";
  const auto marked = testing::MakeIdentity(spec, &root);
  EXPECT_TRUE(
      CheckSigner("key", {marked.CertificateDer()}, tenant, product).ok());
}

}  // namespace
}  // namespace masa::voucher
