// Onboarding as use cases, and the vouchers that follow from it.
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

constexpr char kDomain[] = "https://est.owner.example:8443";
constexpr char kMore[] = "https://owner.example/more";

class Onboarding : public Desk {
 protected:
  static GroupCall Call(const std::string& once = "") {
    GroupCall call;
    call.context.request_id = "call";
    call.caller = {identity::Role::kOperator, "op", "acme", ""};
    call.once_id = once;
    return call;
  }

  storage::Onboarding Est(const std::string& more = "") {
    return {"org-acme", "", kDomain, est_ca_.CertificateDer(), more, 1};
  }

  absl::Status Set(const storage::Onboarding& record) {
    return desk_.SetOnboarding(Call(), record, {});
  }

  static IssueOrder Order(const std::string& request_id = "") {
    IssueOrder order;
    order.device = {"acme", "OWNED-1", {}};
    order.expires_on = Noon() + absl::Hours(24);
    order.request_id = request_id;
    order.est_onboarding = true;
    return order;
  }
  absl::StatusOr<storage::Committed> Issue(const IssueOrder& order) {
    return operator_desk_->IssueVoucher({}, Call().caller, order);
  }
  absl::StatusOr<wire::Voucher> Issued(const IssueOrder& order) {
    const auto issued = Issue(order);
    return issued.ok() ? Opened(issued->voucher.voucher) : issued.status();
  }
  Reason Refused(const IssueOrder& order) {
    return ReasonOf(Issue(order).status());
  }

  int Events(const std::string& kind) {
    int count = 0;
    for (const storage::AuditEvent& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }

  const Identity est_ca_ = testing::MakeIdentity(Spec("est ca", true));
  ServeGroups desk_{*tools_};
};

TEST_F(Onboarding, AChangeIsOneEventWithItsActorAndCountsOnce) {
  GroupCall call = Call("once");
  call.once_digest = "digest of it";
  ASSERT_TRUE(desk_.SetOnboarding(call, Est(), {}).ok());
  ASSERT_TRUE(desk_.SetOnboarding(call, Est(), {}).ok());
  EXPECT_EQ(Events(storage::kOnboardingSet), 1);
  const storage::AuditEvent event = store_.Events().back();
  EXPECT_EQ(event.actor, "op");
  EXPECT_EQ(event.request_id, "call");
  EXPECT_TRUE(absl::StrContains(event.payload, kDomain)) << event.payload;
  call.once_digest = "another";
  EXPECT_EQ(ReasonOf(desk_.SetOnboarding(call, Est(kMore), {})),
            Reason::kRequestIdReused);
  EXPECT_EQ(desk_.GetOnboarding(Call(), "org-acme")->est_domain, kDomain);
  ASSERT_TRUE(desk_.ClearOnboarding(Call(), "org-acme", {}).ok());
  EXPECT_EQ(Events(storage::kOnboardingCleared), 1);
  EXPECT_EQ(ReasonOf(desk_.GetOnboarding(Call(), "org-acme").status()),
            Reason::kOnboardingUnknown);
}

// PN-10, CR-15: in each format the record's certificate is pinned, and the
// configuration URL is there where one is recorded.
TEST_F(Onboarding, TheVoucherNamesTheEstServerAndPinsItsCertificate) {
  const struct {
    Container container;
    masa::v1::Format format;
  } formats[] = {{Container::kCms, masa::v1::FORMAT_CMS_JSON},
                 {Container::kJws, masa::v1::FORMAT_JWS_JSON},
                 {Container::kCose, masa::v1::FORMAT_COSE_CBOR}};
  for (const std::string more : {"", kMore}) {
    ASSERT_TRUE(Set(Est(more)).ok());
    for (const auto& [container, format] : formats) {
      container_ = container;
      IssueOrder order = Order();
      order.format = format;
      const auto voucher = Issued(order);
      ASSERT_TRUE(voucher.ok()) << voucher.status();
      EXPECT_EQ(voucher->est_domain, kDomain);
      EXPECT_EQ(voucher->additional_configuration_url, more);
      EXPECT_EQ(voucher->pinned_domain_cert_der, est_ca_.CertificateDer());
      EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
    }
  }
}

TEST_F(Onboarding, OtherVouchersSayNothingOfIt) {
  ASSERT_TRUE(Set(Est(kMore)).ok());
  IssueOrder order = Order();
  order.est_onboarding = false;
  order.pinned_cert_der = domain_ca_.CertificateDer();
  const auto voucher = Issued(order);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->est_domain, "");
  EXPECT_EQ(voucher->additional_configuration_url, "");
  const auto asked = Ask(Request("OWNED-1"));
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->est_domain, "");
}

TEST_F(Onboarding, WithoutAnEstServerThereIsNoSuchVoucher) {
  EXPECT_EQ(Refused(Order()), Reason::kOnboardingUnknown);
  ASSERT_TRUE(
      Set({"org-acme", "https://registrar.example", "", "", "", 1}).ok());
  EXPECT_EQ(Refused(Order()), Reason::kOnboardingUnknown);
  IssueOrder unowned = Order();
  unowned.device.serial_number = kSerial;
  EXPECT_EQ(Refused(unowned), Reason::kOnboardingUnknown);
  EXPECT_EQ(Events(storage::kVoucherIssued), 0);
}

// The rules of other vouchers hold, of the certificate on record.
TEST_F(Onboarding, TheCertificateOnRecordMustStillHold) {
  CertificateSpec spec = Spec("short", true);
  spec.not_after = Noon() + absl::Hours(2);
  storage::Onboarding record = Est();
  record.est_certificate_der = testing::MakeIdentity(spec).CertificateDer();
  ASSERT_TRUE(Set(record).ok());
  EXPECT_EQ(Refused(Order()), Reason::kLifetimeExceedsCert);
  IssueOrder order = Order();
  order.expires_on = Noon() + absl::Hours(1);
  EXPECT_TRUE(Issue(order).ok());
  clock_.Advance(absl::Hours(3));
  order.expires_on = clock_.Now() + absl::Hours(1);
  EXPECT_EQ(Refused(order), Reason::kCertExpired);
}

TEST_F(Onboarding, AnEstServerWhoseKeyIsBlockedIsPinnedNowhere) {
  ASSERT_TRUE(Set(Est()).ok());
  masa::v1::Catalog catalog;
  auto* blocked = catalog.add_blocked_domains();
  blocked->set_tenant_id("acme");
  blocked->set_spki_sha256(
      (*wire::Certificate::Parse(est_ca_.CertificateDer()))->spki_sha256);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  EXPECT_EQ(Refused(Order()), Reason::kDomainBlocked);
}

// A retry gets what was issued, also when the record has changed since, but not
// when there is none; what was ordered otherwise is another order.
TEST_F(Onboarding, ARepeatGetsTheVoucherOfThen) {
  ASSERT_TRUE(Set(Est()).ok());
  const auto first = Issue(Order("r"));
  ASSERT_TRUE(first.ok()) << first.status();
  IssueOrder plain = Order("r");
  plain.est_onboarding = false;
  plain.pinned_cert_der = est_ca_.CertificateDer();
  EXPECT_EQ(Refused(plain), Reason::kRequestIdReused);
  storage::Onboarding other = Est();
  other.est_certificate_der = other_ca_.CertificateDer();
  ASSERT_TRUE(Set(other).ok());
  const auto again = Issue(Order("r"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->voucher.voucher, first->voucher.voucher);
  ASSERT_TRUE(desk_.ClearOnboarding(Call(), "org-acme", {}).ok());
  EXPECT_EQ(Refused(Order("r")), Reason::kOnboardingUnknown);
  EXPECT_EQ(Refused(Order("new")), Reason::kOnboardingUnknown);
  plain = Order("p");
  plain.est_onboarding = false;
  plain.pinned_cert_der = domain_ca_.CertificateDer();
  ASSERT_TRUE(Issue(plain).ok());
  EXPECT_EQ(Refused(Order("p")), Reason::kRequestIdReused);
}

}  // namespace
}  // namespace masa::issuance
