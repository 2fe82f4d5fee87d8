// Ownership vouchers ahead of time (RFC 8572), as an operator or owner orders
// them; and which key signs.
#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/issuance/test_counting_signer.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

class Sztp : public Desk {
 protected:
  IssueOrder Order(const std::string& serial = "OWNED-1") {
    IssueOrder order;
    order.device = {"acme", serial, {}};
    order.pinned_cert_der = domain_ca_.CertificateDer();
    order.expires_on = Noon() + absl::Hours(24);
    return order;
  }
  absl::StatusOr<storage::Committed> Issue(const IssueOrder& order) {
    return operator_desk_->IssueVoucher({}, Operator(), order);
  }
};

// SZ-01, SZ-03, SZ-05, SZ-07, SZ-08, SZ-10, SZ-13: the owner's anchor, no
// nonce, verified, a chain to the root, and in the log; in either content type.
TEST_F(Sztp, AnOwnershipVoucherIsVerifiedAndLogged) {
  for (const bool id_data : {false, true}) {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_products(1)->set_cms_id_data(id_data);
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
    const auto issued = Issue(Order());
    ASSERT_TRUE(issued.ok()) << issued.status();
    const auto artifact = wire::ParseCms(issued->voucher.voucher);
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    // The set is ordered by its octets (CM-01).
    EXPECT_TRUE(std::any_of(artifact->certificates.begin(),
                            artifact->certificates.end(),
                            [this](const wire::Certificate& one) {
                              return one->der == voucher_root_.CertificateDer();
                            }));
    const auto voucher = Opened(issued->voucher.voucher);
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
    EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
    EXPECT_FALSE(voucher->nonce.has_value());
    EXPECT_LE(voucher->created_on, clock_.Now());
    EXPECT_EQ(voucher->expires_on, Noon() + absl::Hours(24));
    EXPECT_FALSE(voucher->idevid_issuer.has_value());
    EXPECT_EQ(
        issued->voucher.domain_id,
        wire::Certificate::Parse(domain_ca_.CertificateDer())->DomainId());
  }
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// SZ-04: the device's nonce instead of an end.
TEST_F(Sztp, ANonceTakesThePlaceOfTheEnd) {
  IssueOrder order = Order();
  order.expires_on.reset();
  order.nonce = kNonce;
  const auto issued = Issue(order);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const auto voucher = Opened(issued->voucher.voucher);
  EXPECT_EQ(voucher->nonce, kNonce);
  EXPECT_FALSE(voucher->expires_on.has_value());
}

// SZ-06, VI-04, VI-08, AMB-01: one voucher for life, where product, customer
// and key all are for it.
TEST_F(Sztp, AnEndlessVoucherNeedsProductCustomerAndKey) {
  IssueOrder order = Order();
  order.expires_on.reset();
  for (const bool product : {false, true}) {
    for (const bool customer : {false, true}) {
      masa::v1::Catalog catalog = Catalog();
      catalog.mutable_products(1)->set_nonceless_without_expiry(product);
      catalog.mutable_organizations(0)->set_nonceless_without_expiry(customer);
      ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
      clock_.Advance(absl::Seconds(6));
      const Reason reason = ReasonOf(Issue(order).status());
      EXPECT_EQ(InfoOf(reason).name,
                InfoOf(product && customer ? Reason::kKeyNotForThis
                                           : Reason::kInvalidArgument)
                    .name);
    }
  }
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_products(1)->set_nonceless_without_expiry(true);
  catalog.mutable_products(1)->set_clock(masa::v1::CLOCK_RULE_NONE);
  catalog.mutable_products(1)->set_nonceless_signing_key("key-endless");
  catalog.mutable_organizations(0)->set_nonceless_without_expiry(true);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  const auto issued = Issue(order);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const auto voucher = Opened(issued->voucher.voucher);
  EXPECT_FALSE(voucher->nonce || voucher->expires_on);
  EXPECT_EQ(ReasonOf(Issue(Order()).status()), Reason::kLifetimeNotAllowed);
  // A registrar's nonceless request is answered alike.
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const auto asked = Ask(Signed(leaves, registrar_, domain_ca_));
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_FALSE(asked->expires_on.has_value());
}

// AMB-01: an end that nobody lives to see is none.
TEST_F(Sztp, AnEndBeyondTenYearsNeedsWhatNoEndNeeds) {
  testing::CertificateSpec spec = Spec("lasting", true);
  spec.not_after = Noon() + 2 * wire::kLongestLifetime;
  const Identity lasting = testing::MakeIdentity(spec);
  IssueOrder order = Order();
  order.pinned_cert_der = lasting.CertificateDer();
  const auto issue = [&](bool may, absl::Duration lifetime) {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_products(1)->set_nonceless_without_expiry(may);
    catalog.mutable_products(1)->set_nonceless_signing_key("key-endless");
    catalog.mutable_organizations(0)->set_nonceless_without_expiry(may);
    auto* cert = catalog.add_domain_certs();
    cert->set_tenant_id("acme");
    cert->set_organization_id("org-acme");
    cert->set_cert_id("lasting");
    cert->set_certificate_der(lasting.CertificateDer());
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
    order.expires_on = clock_.Now() + lifetime;
    return Issue(order).status();
  };
  const absl::Duration more = wire::kLongestLifetime + absl::Hours(1);
  EXPECT_TRUE(issue(false, wire::kLongestLifetime).ok());
  EXPECT_EQ(ReasonOf(issue(false, more)), Reason::kLifetimeNotAllowed);
  EXPECT_TRUE(issue(true, more).ok());
}

// VI-09: what an order may not be.
TEST_F(Sztp, AnOrderIsRefusedWithItsReason) {
  const auto order = [this](auto change) {
    IssueOrder changed = Order();
    change(&changed);
    return ReasonOf(Issue(changed).status());
  };
  EXPECT_EQ(order([](auto* o) { o->expires_on = Noon() - absl::Hours(1); }),
            Reason::kLifetimeInPast);
  EXPECT_EQ(
      order([](auto* o) { o->expires_on = Noon() + absl::Hours(24 * 999); }),
      Reason::kLifetimeExceedsCert);
  EXPECT_EQ(order([](auto* o) { o->nonce = kNonce; }),
            Reason::kInvalidArgument);
  EXPECT_EQ(order([this](auto* o) {
              o->pinned_cert_der = other_ca_.CertificateDer();
            }),
            Reason::kOwnerMismatch);
  EXPECT_EQ(ReasonOf(operator_desk_
                         ->IssueVoucher({},
                                        {identity::Role::kCustomer, "other",
                                         "acme", "org-other", kAccount},
                                        Order())
                         .status()),
            Reason::kDeviceUnknown);
}

// OP-20: not for an order either, whoever orders. Of a block for a time the
// dates of the IDevID on record tell, and without one it may be of that time.
TEST_F(Sztp, DevicesOfABlockedIssuerGetNothing) {
  const std::string key_id =
      *(*wire::Certificate::Parse(idevid_ca_.CertificateDer()))->subject_key_id;
  const Identity idevid = testing::MakeIdentity(Spec("D", false), &idevid_ca_);
  for (const bool is_recorded : {true, false}) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = is_recorded ? "KNOWN" : "UNKNOWN";
    device.product_id = "owned";
    device.organization_id = "org-acme";
    device.idevid_issuer = key_id;
    device.idevid_cert_der = is_recorded ? idevid.CertificateDer() : "";
    ASSERT_TRUE(
        store_.Import({}, "t", Noon(), {device}, storage::OnConflict::kFail)[0]
            .ok());
  }
  EXPECT_TRUE(Issue(Order("KNOWN")).ok());
  EXPECT_TRUE(Issue(Order("UNKNOWN")).ok());
  const absl::Time made =
      (*wire::Certificate::Parse(idevid.CertificateDer()))->not_before;
  for (const int hours : {0, 1}) {
    masa::v1::Catalog catalog = Catalog();
    auto* blocked = catalog.mutable_tenants(0)->add_blocked_idevid_issuers();
    blocked->set_key_id(key_id);
    blocked->mutable_from()->set_seconds(
        absl::ToUnixSeconds(made + absl::Hours(hours)));
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
    EXPECT_EQ(Issue(Order("KNOWN")).ok(), hours == 1);
    for (const auto& caller :
         {Operator(), identity::Principal{identity::Role::kCustomer, "owner",
                                          "acme", "org-acme", kAccount}}) {
      EXPECT_EQ(ReasonOf(operator_desk_
                             ->IssueVoucher({}, caller,
                                            Order(hours ? "UNKNOWN" : "KNOWN"))
                             .status()),
                Reason::kDeviceBlocked);
    }
    EXPECT_TRUE(Issue(Order()).ok()) << "of another issuer, or of none";
  }
}

// OW-13: an owner that fears for the service holds vouchers for all its
// devices.
TEST_F(Sztp, AnOwnerMayHoldVouchersForAllItsDevices) {
  const identity::Principal owner = {identity::Role::kCustomer, "owner", "acme",
                                     "org-acme", kAccount};
  for (const char* serial : {"OWNED-2", "OWNED-3"}) {
    Import(serial, "owned");
    EXPECT_TRUE(operator_desk_->IssueVoucher({}, owner, Order(serial)).ok());
    EXPECT_EQ(EventsOf(serial), 1u);
  }
}

// OP-07, OP-06: a batch whose firmware trusts another anchor has its own key.
TEST_F(Desk, ABatchMayHaveItsOwnKey) {
  ChangeProduct([](auto* p) {
    auto* own = p->add_batch_signing_keys();
    own->set_batch("2024-07");
    own->set_signing_key("key-p384");
  });
  for (const char* batch : {"2024-07", "2024-08"}) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = batch;
    device.product_id = "default";
    device.labels = {{"batch", batch}};
    ASSERT_TRUE(
        store_
            .Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
            .ok());
    const auto answer = registrar_desk_->RequestVoucher(
        Call(Signed(RegistrarLeaves(batch), registrar_, domain_ca_)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(wire::ParseCms(answer->body)->signers[0].algorithm,
              std::string(batch) == "2024-07"
                  ? SignatureAlgorithm::kEcdsaSha384
                  : SignatureAlgorithm::kEcdsaSha256);
  }
}

// OP-03, OP-08: the signer is no CA, and a root made anew with the same key
// verifies what the old one did.
TEST_F(Desk, TheAnchorIsAKeyAndNotItsCertificate) {
  const auto answer = registrar_desk_->RequestVoucher(Call(Request(kSerial)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto artifact = wire::ParseCms(answer->body);
  const wire::Certificate& signer =
      artifact->certificates[artifact->signers[0].certificate];
  EXPECT_FALSE(signer->is_ca);
  CertificateSpec later = Spec("voucher root", true);
  later.not_after = Noon() + absl::Hours(24 * 900);
  const Identity reissued = testing::Reissue(voucher_root_, later);
  ChainQuestion question;
  question.leaf_der = signer->der;
  question.anchors_der = {reissued.CertificateDer()};
  question.at = Noon();
  EXPECT_TRUE(verifier_.VerifyChain(question).ok());
}

// SE-03: what fails a check costs the key nothing.
TEST_F(Desk, TheKeyWorksForGoodRequestsAlone) {
  CountingSigner counting(*signer_);
  AnswerRegistrar desk(Tools{store_, store_, store_, counting, verifier_,
                             clock_, *policies_, *templates_, store_, store_,
                             store_});
  std::string broken = Request(kSerial);
  broken.back() = static_cast<char>(broken.back() ^ 1);
  RequestLeaves stale = RegistrarLeaves(kSerial);
  stale.created_on = At(Noon() - absl::Hours(26));
  for (const std::string& body :
       {broken, Signed(stale, registrar_, domain_ca_),
        Signed(RegistrarLeaves("NONE"), registrar_, domain_ca_)}) {
    EXPECT_FALSE(desk.RequestVoucher(Call(body)).ok());
  }
  EXPECT_EQ(counting.count(), 0u);
  EXPECT_TRUE(desk.RequestVoucher(Call(Request(kSerial))).ok());
  EXPECT_EQ(counting.count(), 1u);
}

}  // namespace
}  // namespace masa::issuance
