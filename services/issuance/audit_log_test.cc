// Who reads a device's log, what it says, and what resale and renewal change.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/nid.h"
#include "openssl/x509v3.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

// A CA of its own key whose name and key identifier are those of `victim`.
Identity Forged(const Identity& victim) {
  CertificateSpec spec = Spec("domain ca", true);
  Identity forged = testing::MakeIdentity(spec);
  X509* certificate = forged.certificate.get();
  const int at = X509_get_ext_by_NID(victim.certificate.get(),
                                     NID_subject_key_identifier, -1);
  X509_EXTENSION* wanted = X509_get_ext(victim.certificate.get(), at);
  const int own =
      X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1);
  X509_EXTENSION_free(X509_delete_ext(certificate, own));
  X509_add_ext(certificate, wanted, -1);
  const int authority =
      X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1);
  X509_EXTENSION_free(X509_delete_ext(certificate, authority));
  EXPECT_GT(X509_sign(certificate, forged.key.get(), EVP_sha256()), 0);
  return forged;
}

std::string DomainIdText(const Identity& ca) {
  return absl::StrCat(
      "\"domainID\":\"",
      absl::Base64Escape(
          wire::Certificate::Parse(ca.CertificateDer())->DomainId()),
      "\"");
}

// AL-01, AL-11, AL-13, AL-25, PN-11: an event for each voucher, naming the
// pinned key and the voucher's assertion, and nobody.
TEST_F(Desk, TheLogNamesDomainAndAssertionOfEachVoucher) {
  const std::string proximity = Request(kSerial);
  const std::string logged =
      Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_);
  ASSERT_TRUE(Ask(proximity).ok());
  ASSERT_TRUE(Ask(logged).ok());
  const auto log = Log(logged);
  ASSERT_TRUE(log.ok()) << log.status();
  const std::string event =
      absl::StrCat("{\"date\":\"", At(Noon()), "\",", DomainIdText(domain_ca_),
                   ",\"nonce\":\"", kNonce, "\",\"assertion\":\"");
  EXPECT_NE(log->find(event + "proximity\"}"), std::string::npos) << *log;
  EXPECT_NE(log->find(event + "logged\"}"), std::string::npos) << *log;
  EXPECT_EQ(EventsOf(kSerial), 2u);
  EXPECT_EQ(log->find("acme"), std::string::npos) << *log;
}

// PN-11, RV-03: a pinned end entity without key identifier is named by the
// hash of its key.
TEST_F(Desk, ADomainWithoutKeyIdentifierIsNamedByItsKey) {
  CertificateSpec spec = Spec("registrar", false);
  spec.extended_key_usages = {testing::kCmcRa};
  spec.key_identifiers = false;
  const Identity alone = testing::MakeIdentity(spec, &domain_ca_);
  const std::string body =
      testing::SignCms(testing::RequestJson(RegistrarLeaves(kSerial)), alone);
  ASSERT_TRUE(Ask(body).ok());
  const auto log = Log(body);
  ASSERT_TRUE(log.ok()) << log.status();
  const std::string spki =
      (*wire::Certificate::Parse(alone.CertificateDer()))->spki_sha256;
  EXPECT_NE(log->find(absl::Base64Escape(spki)), std::string::npos) << *log;
}

// PN-14, AL-06: a key identifier is anybody's to choose: a CA with the
// victim's is neither owner nor reader, also where it was pinned itself.
TEST_F(Desk, AForgedKeyIdentifierOpensNothing) {
  const Identity forged = Forged(domain_ca_);
  ASSERT_EQ(wire::Certificate::Parse(forged.CertificateDer())->DomainId(),
            wire::Certificate::Parse(domain_ca_.CertificateDer())->DomainId());
  const Identity theirs = RegistrarOf(forged);
  ASSERT_TRUE(Ask(Request(kSerial)).ok());
  ASSERT_TRUE(Ask(Request("OWNED-1")).ok());
  for (const char* serial : {kSerial, "OWNED-1"}) {
    EXPECT_EQ(
        ReasonOf(Log(Signed(RegistrarLeaves(serial), theirs, forged)).status()),
        Reason::kAuditLogUnknown);
  }
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("OWNED-1"), theirs, forged)),
            Reason::kDeviceUnknown);
  RequestLeaves nonceless = RegistrarLeaves("OWNED-1");
  nonceless.nonce.reset();
  EXPECT_EQ(Refusal(Signed(nonceless, theirs, forged)), Reason::kDeviceUnknown);
}

// PN-15, TR-16: registrars come and go; the domain is its CA's key.
TEST_F(Desk, ARenewedRegistrarIsTheSameDomain) {
  ASSERT_TRUE(Ask(Request("OWNED-1")).ok());
  const Identity next = RegistrarOf(domain_ca_);
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  const std::string body = Signed(leaves, next, domain_ca_);
  EXPECT_TRUE(Ask(body).ok());
  EXPECT_TRUE(Log(body).ok());
}

// AMB-13: where an end entity was pinned, its successor under the same issuer
// reads the log, and nobody under another.
TEST_F(Desk, ThePinnedRegistrarsSuccessorReadsTheLog) {
  ChangeProduct([](auto* p) { p->set_pin(masa::v1::PIN_RULE_END_ENTITY); });
  ASSERT_TRUE(Ask(Request(kSerial)).ok());
  EXPECT_TRUE(
      Log(Signed(RegistrarLeaves(kSerial), RegistrarOf(domain_ca_), domain_ca_))
          .ok());
  EXPECT_EQ(ReasonOf(Log(Signed(RegistrarLeaves(kSerial),
                                RegistrarOf(other_ca_), other_ca_))
                         .status()),
            Reason::kAuditLogUnknown);
}

// AL-05, AL-24, AMB-16, OW-06: sold on, a device serves its new owner, who
// sees the old one's entries; the seller reads on but gets no more vouchers.
TEST_F(Desk, AResoldDeviceServesItsNewOwner) {
  RequestLeaves pledge = PledgeLeaves("OWNED-1");
  const Identity buyer = RegistrarOf(other_ca_);
  pledge.proximity_registrar_cert_der = buyer.CertificateDer();
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(pledge), Pledge("OWNED-1"));
  const std::string sellers = Request("OWNED-1");
  const std::string buyers = Signed(leaves, buyer, other_ca_);
  ASSERT_TRUE(Ask(sellers).ok());
  EXPECT_EQ(Refusal(buyers), Reason::kOwnerMismatch);
  EXPECT_EQ(ReasonOf(Log(buyers).status()), Reason::kAuditLogUnknown);
  ASSERT_TRUE(
      store_
          .Assign({}, "test", Noon(), {{"acme", "OWNED-1", {}}}, "org-other")[0]
          .ok());
  EXPECT_NE(Log(buyers)->find(DomainIdText(domain_ca_)), std::string::npos);
  ASSERT_TRUE(Ask(buyers).ok());
  EXPECT_EQ(Refusal(sellers), Reason::kOwnerMismatch);
  for (const std::string& body : {sellers, buyers}) {
    const auto log = Log(body);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_NE(log->find(DomainIdText(domain_ca_)), std::string::npos);
    EXPECT_NE(log->find(DomainIdText(other_ca_)), std::string::npos);
  }
}

// EP-50, AL-05, AL-16, AL-24: strangers' vouchers, however many, take neither
// the log from those who may read it nor their entries from the log.
TEST_F(Desk, StrangersVouchersHideNoDomain) {
  const std::string body = Request(kSerial);
  ASSERT_TRUE(Ask(body).ok());
  Flood(kSerial, 1000);
  const auto log = Log(body);
  ASSERT_TRUE(log.ok()) << log.status();
  const size_t flood = log->find(absl::Base64Escape("flood"));
  EXPECT_LT(flood, log->find(DomainIdText(domain_ca_))) << *log;
  EXPECT_EQ(log->find(absl::Base64Escape("flood"), flood + 1),
            std::string::npos);
  EXPECT_NE(log->find("\"truncated\":999"), std::string::npos) << *log;
  EXPECT_NE(log->find("\"truncation\":{\"nonced duplicates\":999}"),
            std::string::npos)
      << *log;
  EXPECT_EQ(ReasonOf(Log(Signed(RegistrarLeaves(kSerial),
                                RegistrarOf(other_ca_), other_ca_))
                         .status()),
            Reason::kAuditLogUnknown);
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-other")[0]
          .ok());
  EXPECT_EQ(
      Log(Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_))
          .value_or(""),
      *log);
}

// AL-01, AL-17: a log of a hundred events is whole, one of more is shortened.
TEST_F(Desk, ALogOfAHundredEventsIsShownWhole) {
  const std::string body = Request(kSerial);
  ASSERT_TRUE(Ask(body).ok());
  Flood(kSerial, 99);
  EXPECT_EQ(Log(body)->find("truncat"), std::string::npos);
  clock_.Advance(absl::Seconds(2));
  const std::string next =
      Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_);
  ASSERT_TRUE(Ask(next).ok());
  EXPECT_NE(Log(body)->find("\"truncation\":{\"nonced duplicates\":99}"),
            std::string::npos);
}

// AL-04: a log needs no nonce. AL-27: what was refused is not in it.
TEST_F(Desk, ANoncelessRequestReadsTheLogAndLeavesNoTrace) {
  ASSERT_TRUE(Ask(Request(kSerial)).ok());
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.nonce.reset();
  const std::string body = Signed(leaves, registrar_, domain_ca_);
  EXPECT_EQ(Refusal(body), Reason::kNonceRequired);
  const auto log = Log(body);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// AL-03, EP-54: a new request is verified afresh, with the codes of the other
// resource.
TEST_F(Desk, ABadRequestReadsNoLog) {
  ASSERT_TRUE(Ask(Request(kSerial)).ok());
  CmsOptions broken;
  broken.certificates_der = {registrar_.CertificateDer(),
                             domain_ca_.CertificateDer()};
  broken.break_signature = true;
  const struct {
    std::string body;
    int code;
  } cases[] = {
      {testing::SignCms(testing::RequestJson(RegistrarLeaves(kSerial)),
                        registrar_, broken),
       403},
      {Signed(RegistrarLeaves(kSerial), RegistrarOf(domain_ca_, false),
              domain_ca_),
       403},
      {"garbage", 400},
      {Signed(RegistrarLeaves("NONE"), registrar_, domain_ca_), 404},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(ReasonOf(Log(c.body).status())).http_status, c.code);
  }
  RegistrarCall call = Call(Request(kSerial));
  call.content_type = "application/json";
  EXPECT_EQ(InfoOf(ReasonOf(registrar_desk_->RequestAuditLog(call).status()))
                .http_status,
            415);
}

// VI-18: two domains at once are normal; each has its voucher and its event.
TEST_F(Desk, ParallelClaimsEachGetTheirOwn) {
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  const auto second = Ask(Signed(leaves, RegistrarOf(other_ca_), other_ca_));
  const auto first = Ask(Request(kSerial));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->pinned_domain_cert_der, domain_ca_.CertificateDer());
  EXPECT_EQ(second->pinned_domain_cert_der, other_ca_.CertificateDer());
  EXPECT_EQ(EventsOf(kSerial), 2u);
}

// OW-01, OW-02, RV-27, SE-07: a product that takes any domain takes one that
// nobody knows, and another one for the next device.
TEST_F(Desk, AnyDomainMayClaimWhereTheProductSaysSo) {
  Import("S-8", "default");
  for (const char* serial : {kSerial, "S-8"}) {
    const Identity fresh = testing::MakeIdentity(Spec("pseudonym", true));
    const Identity by = RegistrarOf(fresh);
    const auto logged = Ask(Signed(RegistrarLeaves(serial), by, fresh));
    ASSERT_TRUE(logged.ok()) << logged.status();
    EXPECT_EQ(logged->assertion, masa::v1::ASSERTION_LOGGED);
    RequestLeaves pledge = PledgeLeaves(serial);
    pledge.proximity_registrar_cert_der = by.CertificateDer();
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.prior_signed_voucher_request =
        testing::SignCms(testing::RequestJson(pledge), Pledge(serial));
    EXPECT_EQ(Ask(Signed(leaves, by, fresh))->assertion,
              masa::v1::ASSERTION_PROXIMITY);
  }
}

}  // namespace
}  // namespace masa::issuance
