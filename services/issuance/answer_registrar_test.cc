// Whole requests of registrars: bytes in, verdict out.
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

// EP-30, VL-01, VL-03, VL-05, PV-05, PV-15, PN-01, PN-04, VI-17.
TEST_F(Desk, GoodRequestGetsAProximityVoucherAndOneEvent) {
  const auto voucher = Ask(Request(kSerial));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(voucher->serial_number, kSerial);
  EXPECT_EQ(voucher->nonce, kNonce);
  EXPECT_FALSE(voucher->expires_on.has_value());
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// PV-17, TR-11, RV-27: without the pledge's word it is a claim, logged.
TEST_F(Desk, RequestWithoutThePledgesIsLogged) {
  const auto voucher =
      Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_LOGGED);
}

// VL-06: what is on record of the owner's certificate holds with and without a
// nonce, and without a registrar; nobody else's devices are concerned.
TEST_F(Desk, AnOwnersRevocationChecksAreInItsVouchers) {
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_domain_certs(0)->set_revocation_checks(true);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  EXPECT_TRUE(Ask(Signed(leaves, registrar_, domain_ca_))
                  ->domain_cert_revocation_checks);
  leaves.nonce.reset();
  EXPECT_TRUE(Ask(Signed(leaves, registrar_, domain_ca_))
                  ->domain_cert_revocation_checks);
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.nonce = kNonce;
  const identity::Principal caller{identity::Role::kOperator, "op", "acme", ""};
  const auto issued = operator_desk_->IssueVoucher({}, caller, order);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(Opened(issued->voucher.voucher)->domain_cert_revocation_checks);
  EXPECT_FALSE(Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_))
                   ->domain_cert_revocation_checks);
}

// RV-24, AL-28.
TEST_F(Desk, SameRequestGetsTheSameBytesAndNoSecondEvent) {
  const auto call = Call(Request(kSerial));
  const auto first = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(first.ok()) << first.status();
  clock_.Advance(absl::Minutes(1));
  const auto second = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->body, second->body);
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

struct BadCase {
  const char* what;
  std::string body;
  Reason reason;
};

TEST_F(Desk, EachFaultHasItsReasonAndLeavesNoTrace) {
  const std::string good = Request(kSerial);
  CmsOptions broken;
  broken.certificates_der = {registrar_.CertificateDer()};
  broken.break_signature = true;
  CmsOptions bare;
  bare.certificates_der = {registrar_.CertificateDer()};
  bare.signed_attributes = false;
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  RequestLeaves stale = RegistrarLeaves(kSerial);
  stale.created_on = At(Noon() - absl::Hours(26));
  RequestLeaves nonceless = RegistrarLeaves(kSerial);
  nonceless.nonce.reset();
  RequestLeaves other_nonce = RegistrarLeaves(kSerial);
  other_nonce.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  other_nonce.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge(kSerial));
  RequestLeaves other_device = RegistrarLeaves(kSerial);
  other_device.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge("S-2"));
  RequestLeaves strange = RegistrarLeaves(kSerial);
  strange.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(PledgeLeaves(kSerial)),
                       testing::MakeIdentity(Spec("stranger", false)));
  RequestLeaves afar = RegistrarLeaves(kSerial);
  RequestLeaves saw_another = PledgeLeaves(kSerial);
  saw_another.proximity_registrar_cert_der =
      RegistrarOf(other_ca_).CertificateDer();
  afar.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(saw_another), Pledge(kSerial));
  const BadCase cases[] = {
      {"EP-37 garbage", "garbage", Reason::kMalformed},
      {"EP-37 truncated", good.substr(0, good.size() / 2), Reason::kMalformed},
      {"RV-01 unsigned JSON", json, Reason::kMalformed},
      {"RV-05 signature", testing::SignCms(json, registrar_, broken),
       Reason::kSignatureInvalid},
      {"CM-06 no attributes", testing::SignCms(json, registrar_, bare),
       Reason::kNotSigned},
      {"RV-08 no cmcRA",
       Signed(RegistrarLeaves(kSerial), RegistrarOf(domain_ca_, false),
              domain_ca_),
       Reason::kRegistrarNotAuthorized},
      {"RV-12 unknown serial",
       Signed(RegistrarLeaves("NONE"), registrar_, domain_ca_),
       Reason::kDeviceUnknown},
      {"RV-18 stale", Signed(stale, registrar_, domain_ca_), Reason::kStale},
      {"VI-02 nonceless", Signed(nonceless, registrar_, domain_ca_),
       Reason::kNonceRequired},
      {"PV-11 nonce", Signed(other_nonce, registrar_, domain_ca_),
       Reason::kNonceMismatch},
      {"PV-08 serial", Signed(other_device, registrar_, domain_ca_),
       Reason::kSerialMismatch},
      {"PV-02 strange IDevID", Signed(strange, registrar_, domain_ca_),
       Reason::kPriorSignedInvalid},
      {"AMB-03 proximity", Signed(afar, registrar_, domain_ca_),
       Reason::kProximityMismatch},
  };
  for (const BadCase& c : cases) {
    EXPECT_EQ(InfoOf(Refusal(c.body)).name, InfoOf(c.reason).name) << c.what;
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
}

// RV-32.
TEST_F(Desk, ExpiredRegistrarIsRefused) {
  const std::string body = Request(kSerial);
  clock_.Advance(absl::Hours(24 * 400));
  EXPECT_EQ(Refusal(body), Reason::kCertificateExpired);
}

// OW-01, AMB-22, SE-06: the owner is served; a stranger cannot tell a foreign
// device from none; another customer is told.
TEST_F(Desk, OwnedProductIsForItsOwner) {
  const auto voucher = Ask(Request("OWNED-1"));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  const Identity stranger_ca = testing::MakeIdentity(Spec("nobody", true));
  const auto foreign = registrar_desk_->RequestVoucher(Call(Signed(
      RegistrarLeaves("OWNED-1"), RegistrarOf(stranger_ca), stranger_ca)));
  const auto unknown = registrar_desk_->RequestVoucher(Call(
      Signed(RegistrarLeaves("NONE"), RegistrarOf(stranger_ca), stranger_ca)));
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_EQ(ReasonOf(foreign.status()), Reason::kDeviceUnknown);
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("OWNED-1"), RegistrarOf(other_ca_),
                           other_ca_)),
            Reason::kOwnerMismatch);
}

// VI-04, VI-06, VL-02, OW-04, TR-18.
TEST_F(Desk, OwnerGetsANoncelessVoucherThatEnds) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
  EXPECT_FALSE(voucher->nonce.has_value());
  EXPECT_EQ(voucher->expires_on, Noon() + absl::Minutes(20));
}

// AMB-27: a repeat after the voucher's end is judged anew.
TEST_F(Desk, RepeatAfterTheEndIsANewGeneration) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const std::string body = Signed(leaves, registrar_, domain_ca_);
  ASSERT_TRUE(Ask(body).ok());
  clock_.Advance(absl::Minutes(30));
  const auto voucher = Ask(body);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->expires_on, clock_.Now() + absl::Minutes(20));
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// EP-44: the store fails before or after it has written; either way nothing
// is released, and the retry finds exactly one voucher.
TEST_F(Desk, NoVoucherLeavesWithoutItsEvent) {
  const std::string body = Request(kSerial);
  store_.Stop(true);
  EXPECT_EQ(Refusal(body), Reason::kStoreUnavailable);
  store_.Stop(false);
  EXPECT_EQ(EventsOf(kSerial), 0u);
  ASSERT_TRUE(Ask(body).ok());
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// EP-50, EP-53, AL-05, AL-07, AL-08, AL-09, AL-12, AMB-09.
TEST_F(Desk, AuditLogIsForOwnersOnly) {
  const std::string body = Request(kSerial);
  const auto before = registrar_desk_->RequestAuditLog(Call(body));
  EXPECT_EQ(ReasonOf(before.status()), Reason::kAuditLogUnknown);
  ASSERT_TRUE(Ask(body).ok());
  clock_.Advance(absl::Hours(48));  // RV-18: no window on the audit log
  const auto log = registrar_desk_->RequestAuditLog(Call(body));
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(log->content_type, "application/json");
  EXPECT_NE(log->body.find("\"version\":1"), std::string::npos) << log->body;
  EXPECT_NE(log->body.find(kNonce), std::string::npos);
  const auto stranger = registrar_desk_->RequestAuditLog(Call(
      Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_)));
  EXPECT_EQ(stranger.status(), before.status());
}

// EP-35, EP-36, AMB-02, TR-10.
TEST_F(Desk, WrongHeadersAndHostsAreRefused) {
  RegistrarCall call = Call(Request(kSerial));
  call.content_type = "application/json";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kMediaTypeUnknown);
  call.content_type = kCms;
  call.accept = "foo/bar";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kMediaTypeUnknown);
  call.accept = "application/voucher+cose";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kFormatNotForDevice);
  call.accept = "*/*";
  call.host = "other.example";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kTenantUnknown);
}

}  // namespace
}  // namespace masa::issuance
