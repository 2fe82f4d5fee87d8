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

// PV-15, PV-16, PV-17, PV-18, AMB-17.
TEST(ChooseAssertion, SaysNoMoreThanWasShown) {
  const struct {
    bool proximity;
    bool owner;
    masa::v1::Assertion preferred;
    masa::v1::Assertion chosen;
  } cases[] = {
      {false, false, masa::v1::ASSERTION_VERIFIED, masa::v1::ASSERTION_LOGGED},
      {true, false, masa::v1::ASSERTION_VERIFIED,
       masa::v1::ASSERTION_PROXIMITY},
      {false, true, masa::v1::ASSERTION_UNSPECIFIED,
       masa::v1::ASSERTION_VERIFIED},
      {true, true, masa::v1::ASSERTION_UNSPECIFIED,
       masa::v1::ASSERTION_PROXIMITY},
      {true, true, masa::v1::ASSERTION_VERIFIED, masa::v1::ASSERTION_VERIFIED},
  };
  for (const auto& c : cases) {
    masa::v1::Product product = Product();
    product.set_preferred_assertion(c.preferred);
    storage::OwnershipStanding standing;
    standing.is_owner = c.owner;
    EXPECT_EQ(ChooseAssertion(product, standing, c.proximity), c.chosen);
  }
}

// PN-01, PN-02, PN-03, PN-04, AMB-05, AMB-13.
TEST(ChoosePin, PinsTheLowestCaSentOrTheEndEntity) {
  const auto root = Make("root", true, nullptr);
  const auto sub = Make("sub", true, &root);
  const auto leaf = Make("leaf", false, &sub);
  const Registrar whole{Parsed(leaf),
                        {Parsed(leaf), Parsed(sub), Parsed(root)}};
  const Registrar alone{Parsed(leaf), {Parsed(leaf)}};
  masa::v1::Product product = Product();
  EXPECT_EQ(ChoosePin(whole, product, false, {})->certificate->der,
            sub.CertificateDer());
  EXPECT_EQ(ChoosePin(alone, product, false, {})->certificate->der,
            leaf.CertificateDer());
  EXPECT_TRUE(ChoosePin(alone, product, false, {})->issuer_spki_sha256.empty());
  product.set_pin(masa::v1::PIN_RULE_END_ENTITY);
  const auto pin = ChoosePin(whole, product, false, {});
  EXPECT_EQ(pin->certificate->der, leaf.CertificateDer());
  EXPECT_EQ(pin->issuer_spki_sha256, Parsed(sub)->spki_sha256);
}

// VI-05, VI-06, VI-09.
TEST(ChooseExpiry, EndsWithTheEarliestOfLifetimeAndCertificates) {
  const auto root = Make("root", true, nullptr, absl::Minutes(30));
  const auto brief = Make("leaf", false, &root, absl::Minutes(5));
  const auto lasting = Make("leaf", false, &root, absl::Hours(24));
  const Registrar short_lived{Parsed(brief), {Parsed(brief)}};
  const Registrar long_lived{Parsed(lasting), {Parsed(lasting)}};
  masa::v1::Product product = Product();
  EXPECT_EQ(*ChooseExpiry(product, long_lived, Parsed(root), kNow),
            kNow + absl::Minutes(20));
  EXPECT_EQ(*ChooseExpiry(product, short_lived, Parsed(root), kNow),
            kNow + absl::Minutes(5));
  product.mutable_nonceless_lifetime()->set_seconds(3600);
  EXPECT_EQ(*ChooseExpiry(product, long_lived, Parsed(root), kNow),
            kNow + absl::Minutes(30));
  EXPECT_EQ(ReasonOf(ChooseExpiry(product, long_lived, Parsed(root),
                                  kNow + absl::Hours(1))
                         .status()),
            Reason::kCertificateExpired);
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
      {[](auto* p) { p->add_formats(masa::v1::FORMAT_UNSPECIFIED); }, "formats"},
      {[](auto* p) { p->clear_ownership(); }, "ownership"},
      {[](auto* p) { p->clear_signing_key(); }, "signing_key"},
      {[](auto* p) { p->mutable_created_on_window()->set_seconds(-1); },
       "created_on_window"},
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

}  // namespace
}  // namespace masa::voucher
