// The same requests in CMS, JWS and COSE: the rules see one struct, so the
// verdicts are the same.
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"
#include "services/wire/voucher_request.h"

namespace masa::issuance {
namespace {

using masa::v1::ASSERTION_LOGGED;
using masa::v1::ASSERTION_PROXIMITY;

class Formats : public Desk, public ::testing::WithParamInterface<Container> {
 protected:
  Formats() { container_ = GetParam(); }

  // The artifact with the last octet of its signature changed: in JWS that of
  // its base64url text.
  std::string Broken(std::string body) const {
    if (container_ == Container::kJws) {
      const size_t end = body.rfind("\"}]}");
      body[end - 3] = body[end - 3] == 'A' ? 'B' : 'A';
    } else {
      body.back() = static_cast<char>(body.back() ^ 1);
    }
    return body;
  }
};

// EP-10, EP-11, EP-12, EP-18, VL-01, VL-05, RV-04, RV-05, PV-15, PR-11: the
// pledge's request inside the registrar's, answered in kind.
TEST_P(Formats, AGoodRequestGetsAProximityVoucher) {
  const auto voucher = Ask(Request(kSerial));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
  EXPECT_EQ(voucher->serial_number, kSerial);
  EXPECT_EQ(voucher->created_on, Noon());
  EXPECT_EQ(wire::NonceOctets(*voucher->nonce), wire::NonceOctets(kNonce));
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  EXPECT_FALSE(voucher->expires_on.has_value());
}

// RV-24, AL-28: word for word the same again, and one event.
TEST_P(Formats, ARepeatGetsTheSameOctets) {
  const std::string body = Request(kSerial);
  const auto first = registrar_desk_->RequestVoucher(Call(body));
  const auto second = registrar_desk_->RequestVoucher(Call(body));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->body, second->body);
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// RV-05, RV-08, PV-01, PV-02, PV-08, PV-11, RV-12: each fault has its reason.
TEST_P(Formats, EachFaultHasItsReason) {
  const Identity pledge = Pledge(kSerial);
  const auto wrapping = [&](const RequestLeaves& inner, const Identity& by) {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.prior_signed_voucher_request = PledgeSigned(inner, by);
    return SignedWithPledge(leaves, by);
  };
  RequestLeaves other_nonce = PledgeLeaves(kSerial);
  other_nonce.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  RequestLeaves elsewhere = PledgeLeaves(kSerial);
  elsewhere.proximity_registrar_cert_der = other_ca_.CertificateDer();
  RequestLeaves broken_inside = RegistrarLeaves(kSerial);
  broken_inside.prior_signed_voucher_request =
      Broken(PledgeSigned(PledgeLeaves(kSerial), pledge));
  const Identity clerk = RegistrarOf(domain_ca_, false);
  CertificateSpec forged = Spec("pledge", false);
  forged.subject_serial_number = kSerial;
  const struct {
    const char* what;
    std::string body;
    Reason reason;
  } cases[] = {
      {"registrar's signature", Broken(Request(kSerial)),
       Reason::kSignatureInvalid},
      {"no cmcRA", Signed(RegistrarLeaves(kSerial), clerk, domain_ca_),
       Reason::kRegistrarNotAuthorized},
      {"unknown serial",
       Signed(RegistrarLeaves("NONE"), registrar_, domain_ca_),
       Reason::kDeviceUnknown},
      {"pledge's signature", SignedWithPledge(broken_inside, pledge),
       Reason::kPriorSignedInvalid},
      {"another pledge's IDevID",
       wrapping(PledgeLeaves(kSerial), Pledge("S-2")), Reason::kSerialMismatch},
      {"an IDevID of nobody",
       wrapping(PledgeLeaves(kSerial), testing::MakeIdentity(forged)),
       Reason::kPriorSignedInvalid},
      {"nonces", wrapping(other_nonce, pledge), Reason::kNonceMismatch},
      {"another registrar was seen", wrapping(elsewhere, pledge),
       Reason::kProximityMismatch},
      {"garbage", "garbage", Reason::kMalformed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(Refusal(c.body)).name, InfoOf(c.reason).name) << c.what;
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
}

// SE-05: a pledge's request inside a registrar's, and nothing inside that.
TEST_P(Formats, APledgesRequestHoldsNoOther) {
  const Identity pledge = Pledge(kSerial);
  std::string prior = PledgeSigned(PledgeLeaves(kSerial), pledge);
  for (int depth = 1; depth <= 10; ++depth) {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.prior_signed_voucher_request = prior;
    EXPECT_EQ(Refusal(SignedWithPledge(leaves, pledge)),
              depth == 1 ? Reason::kInternal : Reason::kMalformed)
        << depth;
    RequestLeaves around = PledgeLeaves(kSerial);
    around.prior_signed_voucher_request = prior;
    prior = PledgeSigned(around, pledge);
  }
}

// AL-02, AL-12, PR-15: the log is read with the same octets, and shows the
// nonce as text.
TEST_P(Formats, TheLogIsReadWithTheSameRequest) {
  const std::string body = Request(kSerial);
  ASSERT_TRUE(Ask(body).ok());
  const auto log = Log(body);
  ASSERT_TRUE(log.ok()) << log.status();
  const std::string nonce = container_ == Container::kCose
                                ? absl::Base64Escape(wire::NonceOctets(kNonce))
                                : std::string(kNonce);
  EXPECT_NE(log->find("\"nonce\":\"" + nonce + "\""), std::string::npos)
      << *log;
  EXPECT_NE(log->find("\"assertion\":\"proximity\""), std::string::npos);
}

// RV-33, CO-02, JW-08, OP-21: registrars and pledges with each kind of key.
TEST_P(Formats, EachKindOfKeyIsServed) {
  for (const auto key : {testing::KeyKind::kP256, testing::KeyKind::kP384,
                         testing::KeyKind::kRsa2048, testing::KeyKind::kRsa4096,
                         testing::KeyKind::kEd25519}) {
    if (container_ == Container::kCms && key == testing::KeyKind::kEd25519) {
      continue;  // voucher_test.cc reads Ed25519 in CMS
    }
    CertificateSpec spec = Spec("registrar", false);
    spec.extended_key_usages = {testing::kCmcRa};
    spec.key = key;
    registrar_ = testing::MakeIdentity(spec, &domain_ca_);
    CertificateSpec idevid = Spec("pledge", false);
    idevid.subject_serial_number = kSerial;
    idevid.key = key;
    const Identity pledge = testing::MakeIdentity(idevid, &idevid_ca_);
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.prior_signed_voucher_request =
        PledgeSigned(PledgeLeaves(kSerial), pledge);
    const auto voucher = Ask(SignedWithPledge(leaves, pledge));
    ASSERT_TRUE(voucher.ok()) << static_cast<int>(key) << voucher.status();
    EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
  }
}

// VI-04, VL-02: nonceless in each format: dates, and no nonce.
TEST_P(Formats, NoncelessVouchersExpire) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_FALSE(voucher->nonce.has_value());
  EXPECT_EQ(voucher->expires_on, Noon() + absl::Minutes(20));
}

// EP-22: what the registrar passes on is in its own format.
TEST_P(Formats, OneFormatInsideAndOutside) {
  const Identity pledge = Pledge(kSerial);
  for (const auto inner :
       {Container::kCms, Container::kJws, Container::kCose}) {
    if (inner == container_) {
      continue;
    }
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.prior_signed_voucher_request = testing::SignRequest(
        inner, PledgeLeaves(kSerial), pledge, {pledge.CertificateDer()});
    const Reason reason = Refusal(SignedWithPledge(leaves, pledge));
    EXPECT_EQ(InfoOf(reason).http_status, 403) << InfoOf(reason).name;
  }
}

// EP-15: a format that no product of the tenant has is an unknown type, one
// that this device's product lacks cannot be answered.
TEST_P(Formats, TheProductMustHaveTheFormat) {
  const auto format = static_cast<masa::v1::Format>(container_);
  const auto other = format == masa::v1::FORMAT_CMS_JSON
                         ? masa::v1::FORMAT_JWS_JSON
                         : masa::v1::FORMAT_CMS_JSON;
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_products(0)->clear_formats();
  catalog.mutable_products(0)->add_formats(other);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kFormatNotForDevice);
  catalog.mutable_products(1)->clear_formats();
  catalog.mutable_products(1)->add_formats(other);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kMediaTypeUnknown);
}

INSTANTIATE_TEST_SUITE_P(All, Formats,
                         ::testing::Values(Container::kCms, Container::kJws,
                                           Container::kCose),
                         [](const auto& info) {
                           return info.param == Container::kCms   ? "Cms"
                                  : info.param == Container::kJws ? "Jws"
                                                                  : "Cose";
                         });

using CoseDesk = Desk;

// EP-13, AMB-07: deployed peers' older name, answered in kind.
TEST_F(CoseDesk, TheOlderMediaTypeIsAnsweredInKind) {
  container_ = Container::kCose;
  RegistrarCall call = Call(Request(kSerial));
  call.content_type = "application/voucher-cose+cbor";
  call.accept = "application/voucher-cose+cbor";
  const auto answer = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->content_type, "application/voucher-cose+cbor");
  // The registrar speaks for a pledge that may know the other name alone.
  call.accept = "application/voucher+cose";
  EXPECT_EQ(registrar_desk_->RequestVoucher(call)->content_type,
            "application/voucher+cose");
}

// PV-03, PV-04, CO-05, RV-02: the bag mixes both chains in any order; the
// registrar's is pinned whatever its place, and without the pledge's
// certificates the IDevID on record serves.
TEST_F(CoseDesk, TheBagHoldsBothChainsInAnyOrder) {
  container_ = Container::kCose;
  const Identity pledge = Pledge(kSerial);
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.prior_signed_voucher_request =
      PledgeSigned(PledgeLeaves(kSerial), pledge);
  std::vector<std::string> bag = {
      pledge.CertificateDer(), idevid_ca_.CertificateDer(),
      registrar_.CertificateDer(), domain_ca_.CertificateDer()};
  for (int turn = 0; turn < 4; ++turn) {
    std::rotate(bag.begin(), bag.begin() + 1, bag.end());
    leaves.nonce = absl::Base64Escape(std::string(16, 'a' + turn));
    RequestLeaves inner = PledgeLeaves(kSerial);
    inner.nonce = leaves.nonce;
    leaves.prior_signed_voucher_request = PledgeSigned(inner, pledge);
    const auto voucher =
        Ask(testing::SignRequest(container_, leaves, registrar_, bag));
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
    EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  }
  EXPECT_EQ(Refusal(Signed(leaves, registrar_, domain_ca_)),
            Reason::kPriorSignedInvalid);
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = kSerial;
  device.product_id = "default";
  device.idevid_cert_der = pledge.CertificateDer();
  ASSERT_TRUE(
      store_
          .Import({}, "test", Noon(), {device}, storage::OnConflict::kUpdate)[0]
          .ok());
  EXPECT_EQ(Ask(Signed(leaves, registrar_, domain_ca_))->assertion,
            ASSERTION_PROXIMITY);
}

// VL-10, CO-08, CO-09, CO-12: the product's form of COSE is asked for, and
// without it nothing is added.
TEST_F(CoseDesk, TheProductShapesTheVoucher) {
  container_ = Container::kCose;
  const std::string name = "ietf-voucher:voucher";
  const auto plain = registrar_desk_->RequestVoucher(Call(Request(kSerial)));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->body.find(name), std::string::npos);
  ChangeProduct([](auto* p) { p->mutable_cose()->set_names(true); });
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.created_on = At(clock_.Now());
  const auto named = registrar_desk_->RequestVoucher(
      Call(Signed(leaves, registrar_, domain_ca_)));
  ASSERT_TRUE(named.ok());
  EXPECT_NE(named->body.find(name), std::string::npos);
}

}  // namespace
}  // namespace masa::issuance
