// The pledge's own request inside the registrar's: whose key signed it, whom
// it saw, and which nonce it wrote.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using masa::v1::ASSERTION_LOGGED;
using masa::v1::ASSERTION_PROXIMITY;

// PV-01: what the product asks for.
TEST_F(Desk, AProductMayDemandThePledgesSignature) {
  ChangeProduct([](auto* p) { p->set_prior_signed_required(true); });
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_)),
            Reason::kPriorSignedRequired);
  EXPECT_EQ(Ask(Request(kSerial))->assertion, ASSERTION_PROXIMITY);
}

// PV-03: the IDevID is enclosed, or on record, or nowhere.
TEST_F(Desk, TheIdevidIsEnclosedOrOnRecord) {
  const Identity recorded = Pledge("S-9");
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "S-9";
  device.product_id = "default";
  device.idevid_cert_der = recorded.CertificateDer();
  ASSERT_TRUE(
      store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  CmsOptions without;
  without.certificates_der = {idevid_ca_.CertificateDer()};
  const auto signed_by = [&](const Identity& pledge, const char* serial,
                             const CmsOptions& options) {
    return Wrapping(testing::SignCms(testing::RequestJson(PledgeLeaves(serial)),
                                     pledge, options),
                    serial);
  };
  const auto voucher = Ask(signed_by(recorded, "S-9", without));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
  EXPECT_TRUE(Ask(signed_by(recorded, "S-9", {})).ok());
  // Another key than the recorded one, though of the same CA and serial.
  EXPECT_EQ(Refusal(signed_by(Pledge("S-9"), "S-9", {})),
            Reason::kPriorSignedInvalid);
  EXPECT_EQ(Refusal(signed_by(Pledge("S-9"), "S-9", without)),
            Reason::kPriorSignedInvalid);
  EXPECT_EQ(Refusal(signed_by(Pledge(kSerial), kSerial, without)),
            Reason::kPriorSignedInvalid);
}

// RV-33, PV-02: pledges with each kind of key.
TEST_F(Desk, PledgesOfEachKeyAreServed) {
  for (const auto key : {testing::KeyKind::kRsa2048, testing::KeyKind::kP384}) {
    CertificateSpec spec = Spec("pledge", false);
    spec.subject_serial_number = kSerial;
    spec.key = key;
    const auto voucher = Ask(
        Wrapping(testing::SignCms(testing::RequestJson(PledgeLeaves(kSerial)),
                                  testing::MakeIdentity(spec, &idevid_ca_)),
                 kSerial));
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
  }
}

// PV-05, PV-06, PV-15, RV-11: any key of the registrar's chain, whatever
// certificate it is in, or one that the domain enclosed.
TEST_F(Desk, ProximityComparesKeysOfTheChain) {
  CertificateSpec renewed = Spec("registrar of next year", false);
  const Identity tls = testing::MakeIdentity(Spec("tls", false), &domain_ca_);
  const std::string own = registrar_.CertificateDer();
  const std::string ca = domain_ca_.CertificateDer();
  const std::string foreign = RegistrarOf(other_ca_).CertificateDer();
  const struct {
    const char* what;
    std::optional<std::string> seen;
    std::vector<std::string> enclosed;
    Reason reason;  // kInternal: a voucher
    masa::v1::Assertion assertion;
  } cases[] = {
      {"the signer", own, {own, ca}, Reason::kInternal, ASSERTION_PROXIMITY},
      {"its CA", ca, {own, ca}, Reason::kInternal, ASSERTION_PROXIMITY},
      {"renewed, same key",
       testing::Reissue(registrar_, renewed, &domain_ca_).CertificateDer(),
       {own, ca},
       Reason::kInternal,
       ASSERTION_PROXIMITY},
      {"TLS certificate enclosed",
       tls.CertificateDer(),
       {tls.CertificateDer(), own, ca},
       Reason::kInternal,
       ASSERTION_PROXIMITY},
      {"TLS certificate not enclosed",
       tls.CertificateDer(),
       {own, ca},
       Reason::kProximityMismatch,
       ASSERTION_LOGGED},
      {"a foreign one enclosed",
       foreign,
       {own, ca, foreign, other_ca_.CertificateDer()},
       Reason::kProximityMismatch,
       ASSERTION_LOGGED},
      {"none", std::nullopt, {own, ca}, Reason::kInternal, ASSERTION_LOGGED},
  };
  for (const auto& c : cases) {
    RequestLeaves pledge = PledgeLeaves(kSerial);
    pledge.proximity_registrar_cert_der = c.seen;
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.prior_signed_voucher_request =
        testing::SignCms(testing::RequestJson(pledge), Pledge(kSerial));
    CmsOptions options;
    options.certificates_der = c.enclosed;
    const auto voucher = Ask(
        testing::SignCms(testing::RequestJson(leaves), registrar_, options));
    EXPECT_EQ(InfoOf(ReasonOf(voucher.status())).name, InfoOf(c.reason).name)
        << c.what;
    EXPECT_EQ(voucher.ok(), c.reason == Reason::kInternal) << c.what;
    if (voucher.ok()) {
      EXPECT_EQ(voucher->assertion, c.assertion) << c.what;
    }
  }
}

// PV-20, AMB-03, RV-25: a pledge that saw another registrar: refused, or
// logged where the product says so; never proximity.
TEST_F(Desk, AMismatchIsRefusedOrDowngraded) {
  RequestLeaves elsewhere = RegistrarLeaves(kSerial);
  elsewhere.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge(kSerial));
  const std::string body = Signed(elsewhere, RegistrarOf(other_ca_), other_ca_);
  EXPECT_EQ(Refusal(body), Reason::kProximityMismatch);
  ChangeProduct([](auto* p) {
    p->set_proximity_mismatch(masa::v1::PROXIMITY_MISMATCH_RULE_DOWNGRADE);
  });
  const auto voucher = Ask(body);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_LOGGED);
}

// PV-19: agent-proximity is not for the asking.
TEST_F(Desk, AgentProximityIsNeverTakenFromAPlainRequest) {
  RequestLeaves pledge = PledgeLeaves(kSerial);
  pledge.assertion = "agent-proximity";
  const auto voucher = Ask(
      Wrapping(testing::SignCms(testing::RequestJson(pledge), Pledge(kSerial)),
               kSerial));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_PROXIMITY);
}

// PV-12: a registrar that drops the nonce asks for a nonceless voucher, and
// the pledge's freshness is not claimed for it.
TEST_F(Desk, ADroppedNonceMakesANoncelessRequest) {
  for (const char* serial : {kSerial, "OWNED-1"}) {
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.nonce.reset();
    leaves.prior_signed_voucher_request = testing::SignCms(
        testing::RequestJson(PledgeLeaves(serial)), Pledge(serial));
    const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
    if (serial == kSerial) {
      EXPECT_EQ(ReasonOf(voucher.status()), Reason::kNonceRequired);
      continue;
    }
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
    EXPECT_FALSE(voucher->nonce.has_value());
    EXPECT_TRUE(voucher->expires_on.has_value());
  }
}

// PV-14, VL-03, AL-12: the registrar's text comes back as it is, in voucher
// and log; the pledge's may be the same octets in another alphabet.
TEST_F(Desk, TheNonceComesBackAsItWasWritten) {
  const struct {
    const char* registrar;
    const char* pledge;
    bool same;
  } cases[] = {
      {"-_XE9zK9q8Ll1qylMtLKeg", "-_XE9zK9q8Ll1qylMtLKeg", true},
      {"+/XE9zK9q8Ll1qylMtLKeg==", "+/XE9zK9q8Ll1qylMtLKeg==", true},
      {"+/XE9zK9q8Ll1qylMtLKeg==", "-_XE9zK9q8Ll1qylMtLKeg", true},
      {"57EED786AD404907", "57EED786AD404907", true},
      {"not base64 at all", "not base64 at all", true},
      {"not base64 at all", "not base64 at all!", false},
      {"57EED786AD404907", "57eed786ad404907", false},
  };
  for (const auto& c : cases) {
    RequestLeaves pledge = PledgeLeaves(kSerial);
    pledge.nonce = c.pledge;
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.nonce = c.registrar;
    leaves.prior_signed_voucher_request =
        testing::SignCms(testing::RequestJson(pledge), Pledge(kSerial));
    const std::string body = Signed(leaves, registrar_, domain_ca_);
    const auto voucher = Ask(body);
    ASSERT_EQ(voucher.ok(), c.same) << c.registrar << voucher.status();
    if (!c.same) {
      EXPECT_EQ(ReasonOf(voucher.status()), Reason::kNonceMismatch);
      continue;
    }
    EXPECT_EQ(voucher->nonce, c.registrar);
    EXPECT_NE(Log(body)->find(std::string("\"nonce\":\"") + c.registrar + "\""),
              std::string::npos);
  }
}

// PV-22: an IDevID past its end counts unless the product says otherwise.
TEST_F(Desk, AnExpiredIdevidIsJudgedByTheProduct) {
  CertificateSpec spec = Spec("pledge", false);
  spec.subject_serial_number = kSerial;
  spec.not_after = Noon() - absl::Hours(1);
  const std::string body =
      Wrapping(testing::SignCms(testing::RequestJson(PledgeLeaves(kSerial)),
                                testing::MakeIdentity(spec, &idevid_ca_)),
               kSerial);
  EXPECT_EQ(Ask(body)->assertion, ASSERTION_PROXIMITY);
  ChangeProduct([](auto* p) { p->set_idevid_validity_enforced(true); });
  EXPECT_EQ(Refusal(body), Reason::kPriorSignedInvalid);
}

// PV-08, PV-09: the certificate's own serial number plays no part, and one of
// the three names differing is enough.
TEST_F(Desk, TheSerialNumberIsOneInAllThreePlaces) {
  const struct {
    const char* request;
    const char* prior;
    const char* idevid;
  } cases[] = {{kSerial, kSerial, "S-2"},
               {kSerial, "S-2", kSerial},
               {kSerial, "S-2", "S-2"},
               {kSerial, kSerial, ""},
               {kSerial, "s-1", "s-1"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Refusal(Wrapping(
                  testing::SignCms(testing::RequestJson(PledgeLeaves(c.prior)),
                                   Pledge(c.idevid)),
                  c.request)),
              Reason::kSerialMismatch)
        << c.prior << " " << c.idevid;
  }
  EXPECT_TRUE(Ask(Request(kSerial)).ok());
}

// PV-23: a blocked device gets nothing, whoever asks.
TEST_F(Desk, ABlockedDeviceGetsNothing) {
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "CLONED";
  device.product_id = "default";
  device.state = storage::DeviceState::kBlocked;
  ASSERT_TRUE(
      store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  EXPECT_EQ(Refusal(Request("CLONED")), Reason::kDeviceBlocked);
}

// The same artifact in BER, its outermost length left open: what was signed is
// untouched.
std::string Streamed(const std::string& der) {
  constexpr size_t kHeader = 4;  // of over 255 and under 64 K octets
  return "\x30\x80" + der.substr(kHeader) + std::string(2, '\0');
}

// RV-25, SE-13, SE-14, AMB-26: one pledge's request in two domains' is never
// proximity: logged with an alert, or refused where ownership is required;
// however its container is written.
TEST_F(Desk, AReusedPledgeRequestIsNoticed) {
  for (const char* serial : {kSerial, "OWNED-1"}) {
    RequestLeaves pledge = PledgeLeaves(serial);
    pledge.proximity_registrar_cert_der.reset();
    const std::string pvr =
        testing::SignCms(testing::RequestJson(pledge), Pledge(serial));
    const auto by = [&](const Identity& registrar, const Identity& ca,
                        const std::string& prior) {
      RequestLeaves leaves = RegistrarLeaves(serial);
      leaves.prior_signed_voucher_request = prior;
      return registrar_desk_->RequestVoucher(
          Call(Signed(leaves, registrar, ca)));
    };
    const auto first = by(registrar_, domain_ca_, pvr);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(first->alerts.empty());
    Flood(serial, 1000);  // others', which hide nothing
    ASSERT_TRUE(
        store_
            .Assign({}, "test", Noon(), {{"acme", serial, {}}}, "org-other")[0]
            .ok());
    for (const std::string& again : {pvr, Streamed(pvr)}) {
      const auto second = by(RegistrarOf(other_ca_), other_ca_, again);
      if (serial != kSerial) {
        EXPECT_EQ(ReasonOf(second.status()), Reason::kPriorSignedInvalid);
        continue;
      }
      ASSERT_TRUE(second.ok()) << second.status();
      EXPECT_EQ(second->alerts,
                (std::vector<Alert>{Alert::kClaimedByAnotherDomain,
                                    Alert::kPriorReused}));
      // Though the buyer owns the device by now.
      EXPECT_EQ(Opened(second->body)->assertion, ASSERTION_LOGGED);
    }
  }
}

// RV-25: a pledge without nonce and clock says the same each time; what it
// signs anew for its next owner is no reuse.
TEST_F(Desk, APledgeThatAlwaysSaysTheSameIsNotTakenForAReuse) {
  RequestLeaves pledge;
  pledge.serial_number = "OWNED-1";
  const Identity idevid = Pledge("OWNED-1");
  const auto asked = [&] {
    return testing::SignCms(testing::RequestJson(pledge), idevid);
  };
  const auto by = [&](const Identity& registrar, const Identity& ca,
                      const std::string& pvr) {
    RequestLeaves leaves = RegistrarLeaves("OWNED-1");
    leaves.nonce.reset();
    leaves.prior_signed_voucher_request = pvr;
    return registrar_desk_->RequestVoucher(Call(Signed(leaves, registrar, ca)))
        .status();
  };
  const std::string pvr = asked();
  EXPECT_TRUE(by(registrar_, domain_ca_, pvr).ok());
  ASSERT_TRUE(
      store_
          .Assign({}, "test", Noon(), {{"acme", "OWNED-1", {}}}, "org-other")[0]
          .ok());
  const Identity buyer = RegistrarOf(other_ca_);
  EXPECT_EQ(ReasonOf(by(buyer, other_ca_, Streamed(pvr))),
            Reason::kPriorSignedInvalid);
  EXPECT_EQ(by(buyer, other_ca_, asked()), absl::OkStatus());
}

}  // namespace
}  // namespace masa::issuance
