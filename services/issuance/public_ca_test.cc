// PN-05: a CA from which anyone gets a certificate stands for no domain,
// whoever registered it and however it would be pinned.
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "services/status/field_faults.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

std::string KeyOf(const Identity& identity) {
  return (*wire::Certificate::Parse(identity.CertificateDer()))->spki_sha256;
}

// The tenant lists the CA that org-acme registered; `stranger_` is another of
// its customers.
class PublicCa : public Desk {
 protected:
  masa::v1::Catalog Listing() {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)->add_public_ca_spki_sha256(KeyOf(domain_ca_));
    catalog.mutable_products(0)->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    return catalog;
  }
  void Apply(const masa::v1::Catalog& catalog) {
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
  }

  std::string Asking(const std::string& serial, const Identity& by,
                     bool nonced = true) {
    RequestLeaves leaves = RegistrarLeaves(serial);
    if (!nonced) {
      leaves.nonce.reset();
    }
    leaves.created_on = At(clock_.Now());
    return Signed(leaves, by, domain_ca_);
  }

  IssueOrder Order(const std::string& serial) {
    IssueOrder order;
    order.device = {"acme", serial, {}};
    order.pinned_cert_der = domain_ca_.CertificateDer();
    order.expires_on = clock_.Now() + absl::Hours(1);
    return order;
  }

  const Identity stranger_ = RegistrarOf(domain_ca_);
};

TEST_F(PublicCa, MakesNobodyAnOwner) {
  ASSERT_TRUE(Ask(Asking("OWNED-1", stranger_)).ok()) << "not listed yet";
  Apply(Listing());
  EXPECT_EQ(Refusal(Asking("OWNED-1", stranger_)), Reason::kDeviceUnknown);
  EXPECT_EQ(Refusal(Asking("OWNED-1", stranger_, false)),
            Reason::kDeviceUnknown);
  EXPECT_EQ(ReasonOf(Log(Asking("OWNED-1", registrar_)).status()),
            Reason::kAuditLogUnknown);
  const auto answers = resolve_desk_->ResolveAll(
      {"", "", absl::InfiniteFuture()}, Operator(),
      {OwnershipQuestion{{"", "OWNED-1", {}}, KeyOf(domain_ca_)}});
  ASSERT_TRUE(answers.ok() && answers->front().ok());
  EXPECT_EQ(answers->front()->reason, "REGISTRAR_NOT_AUTHORIZED");
}

// The registrar's own certificate on record is the owner's, and is pinned.
TEST_F(PublicCa, LeavesTheRegistrarItsOwnKey) {
  masa::v1::Catalog catalog = Listing();
  catalog.mutable_domain_certs(0)->set_certificate_der(
      registrar_.CertificateDer());
  Apply(catalog);
  for (const bool nonced : {true, false}) {
    const auto voucher = Ask(Asking("OWNED-1", registrar_, nonced));
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
    EXPECT_EQ(voucher->pinned_domain_cert_der, registrar_.CertificateDer());
  }
  EXPECT_TRUE(Log(Asking("OWNED-1", registrar_)).ok());
  EXPECT_EQ(Refusal(Asking("OWNED-1", stranger_)), Reason::kDeviceUnknown);
}

// RV-28: a voucher that pinned it before it was listed is renewed for nobody:
// who asks may be another of its customers.
TEST_F(PublicCa, IsNotPinnedAgain) {
  masa::v1::Catalog catalog = Listing();
  catalog.mutable_tenants(0)->clear_public_ca_spki_sha256();
  catalog.mutable_domain_certs(0)->set_certificate_der(
      registrar_.CertificateDer());
  Apply(catalog);
  ASSERT_TRUE(
      operator_desk_->IssueVoucher({}, Operator(), Order(kSerial)).ok());
  const auto renewed = Ask(Asking(kSerial, registrar_, false));
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->pinned_domain_cert_der, domain_ca_.CertificateDer());
  catalog.mutable_tenants(0)->add_public_ca_spki_sha256(KeyOf(domain_ca_));
  Apply(catalog);
  for (const Identity& by : {registrar_, stranger_}) {
    EXPECT_EQ(Refusal(Asking(kSerial, by, false)), Reason::kRegistrarUnknown);
  }
}

TEST_F(PublicCa, IsPinnedByNoOrder) {
  Apply(Listing());
  const identity::Principal owner{identity::Role::kCustomer, "acme", "acme",
                                  "org-acme", kAccount};
  for (const identity::Principal& caller : {Operator(), owner}) {
    const absl::Status refused =
        operator_desk_->IssueVoucher({}, caller, Order("OWNED-1")).status();
    EXPECT_EQ(ReasonOf(refused), Reason::kInvalidArgument) << refused;
  }
  EXPECT_EQ(EventsOf("OWNED-1"), 0u);
}

TEST_F(PublicCa, IsNotTakenForADomain) {
  Apply(Listing());
  ServeGroups groups(*tools_);
  GroupCall call;
  call.caller = Operator();
  const auto field = [](const absl::Status& status) {
    EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument) << status;
    const auto faults = FieldFaultsOf(status);
    return faults.empty() ? "" : faults.front().field;
  };
  const std::string der = domain_ca_.CertificateDer();
  EXPECT_EQ(
      field(groups.CreateCert(call, {"", "org-other", der, true, {}}).status()),
      "certificate_der");
  EXPECT_EQ(
      field(groups.RotateCert(call, {"cert-org-other", "", der, true, {}})),
      "certificate_der");
  EXPECT_EQ(
      field(groups.SetOnboarding(
          call, {"org-other", "", "https://est.example", der, "", 1}, {})),
      "onboarding.est.certificate_der");
  EXPECT_TRUE(
      groups
          .CreateCert(call,
                      {"", "org-other", registrar_.CertificateDer(), true, {}})
          .ok());
}

// RV-30: blocked with all that it issued.
TEST_F(PublicCa, MayBeBlocked) {
  masa::v1::Catalog catalog = Listing();
  Apply(catalog);
  EXPECT_TRUE(Ask(Asking(kSerial, stranger_)).ok());
  auto* blocked = catalog.add_blocked_domains();
  blocked->set_tenant_id("acme");
  blocked->set_spki_sha256(KeyOf(domain_ca_));
  Apply(catalog);
  EXPECT_EQ(Refusal(Asking(kSerial, stranger_)), Reason::kDomainBlocked);
}

}  // namespace
}  // namespace masa::issuance
