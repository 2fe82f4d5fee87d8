// Registrars whose chain is revoked, shown by what they enclose or by what the
// edge fetched.
#include "services/testing/revocation.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class Revocation : public Desk {
 protected:
  Revocation() {
    CertificateSpec spec = Spec("registrar", false);
    spec.extended_key_usages = {testing::kCmcRa};
    spec.crl_url = "http://crl.customer.example/ca.crl";
    spec.ocsp_url = "http://ocsp.customer.example/";
    registrar_ = testing::MakeIdentity(spec, &domain_ca_);
    spec = Spec("responder", false);
    spec.extended_key_usages = {"1.3.6.1.5.5.7.3.9"};
    responder_ = testing::MakeIdentity(spec, &domain_ca_);
  }

  testing::RevocationSpec Fresh() {
    return {
        clock_.Now() - absl::Hours(1), clock_.Now() + absl::Hours(1), {}, ""};
  }
  testing::RevocationSpec Revoked() {
    testing::RevocationSpec spec = Fresh();
    spec.revoked = {registrar_};
    return spec;
  }
  testing::RevocationSpec Old() {
    return {
        clock_.Now() - absl::Hours(3), clock_.Now() - absl::Hours(1), {}, ""};
  }
  std::string Ocsp(const testing::RevocationSpec& spec,
                   const Identity& responder) {
    return testing::MakeOcspResponse(domain_ca_, registrar_, responder, spec);
  }

  void Require() {
    ChangeProduct(
        [](auto* p) { p->set_revocation(masa::v1::REVOCATION_RULE_REQUIRED); });
  }

  // A new request each time, so that no repeat is answered.
  RegistrarCall Asked() {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.created_on = At(clock_.Now() - absl::Seconds(++asked_));
    options_.certificates_der =
        chain_.empty() ? std::vector<std::string>{registrar_.CertificateDer(),
                                                  domain_ca_.CertificateDer()}
                       : chain_;
    return Call(
        testing::SignCms(testing::RequestJson(leaves), registrar_, options_));
  }
  Reason Outcome(const wire::RevocationEvidence& fetched = {}) {
    RegistrarCall call = Asked();
    call.evidence = fetched;
    const auto answer = registrar_desk_->RequestVoucher(call);
    return answer.ok() ? kServed : ReasonOf(answer.status());
  }

  static constexpr Reason kServed = Reason::kInternal;
  Identity responder_;
  CmsOptions options_;
  std::vector<std::string> chain_;  // empty: the registrar and its CA
  int asked_ = 0;
};

// RV-06, VI-13: revoked by CRL or OCSP, enclosed or fetched: refused whatever
// the product says, and refused the log too.
TEST_F(Revocation, ARevokedRegistrarIsRefused) {
  const std::string crl = testing::MakeCrl(domain_ca_, Revoked());
  EXPECT_EQ(Outcome({{crl}, {}}), Reason::kRegistrarRevoked);
  EXPECT_EQ(Outcome({{}, {Ocsp(Revoked(), domain_ca_)}}),
            Reason::kRegistrarRevoked);
  EXPECT_EQ(Outcome({{}, {Ocsp(Revoked(), responder_)}}),
            Reason::kRegistrarRevoked);
  options_.crls_der = {crl};
  EXPECT_EQ(Outcome(), Reason::kRegistrarRevoked);
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestAuditLog(Asked()).status()),
            Reason::kRegistrarRevoked);
  options_.crls_der.clear();
  options_.ocsp_responses_der = {Ocsp(Revoked(), responder_)};
  EXPECT_EQ(Outcome(), Reason::kRegistrarRevoked);
  EXPECT_EQ(EventsOf(kSerial), 0u);
}

// RV-06: where the product asks for word, fresh and signed by who may.
TEST_F(Revocation, FreshWordIsAskedWhereTheProductSaysSo) {
  Require();
  EXPECT_EQ(Outcome(), Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, Fresh())}, {}}), kServed);
  EXPECT_EQ(Outcome({{}, {Ocsp(Fresh(), domain_ca_)}}), kServed);
  EXPECT_EQ(Outcome({{}, {Ocsp(Fresh(), responder_)}}), kServed);
  EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, Old())}, {}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{}, {Ocsp(Old(), responder_)}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{"garbage"}, {"garbage"}}), Reason::kRevocationUnknown);
  // Signed by another CA of the same name, by a certificate for another
  // purpose, and about another certificate.
  const Identity forger = testing::MakeIdentity(Spec("domain ca", true));
  EXPECT_EQ(Outcome({{testing::MakeCrl(forger, Fresh())}, {}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{}, {Ocsp(Fresh(), registrar_)}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{},
                     {testing::MakeOcspResponse(domain_ca_, responder_,
                                                domain_ca_, Fresh())}}),
            Reason::kRevocationUnknown);
  // Of a day to come.
  testing::RevocationSpec early = Fresh();
  early.this_update = clock_.Now() + absl::Hours(1);
  early.next_update = clock_.Now() + absl::Hours(2);
  EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, early)}, {}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{}, {Ocsp(early, domain_ca_)}}),
            Reason::kRevocationUnknown);
  options_.ocsp_responses_der = {Ocsp(Fresh(), responder_)};
  EXPECT_EQ(Outcome(), kServed);
}

// RV-06, VI-13: who is revoked cannot leave out who says so, whether that is
// the registrar or a CA above it. A CA that issued itself has none to leave
// out.
TEST_F(Revocation, AChainCutShortIsOfUnknownState) {
  Require();
  chain_ = {registrar_.CertificateDer()};
  options_.crls_der = {testing::MakeCrl(domain_ca_, Revoked())};
  EXPECT_EQ(Outcome(), Reason::kRevocationUnknown);
  options_.crls_der = {testing::MakeCrl(domain_ca_, Fresh())};
  EXPECT_EQ(Outcome(), Reason::kRevocationUnknown);
  CertificateSpec spec = Spec("sub ca", true);
  spec.crl_url = "http://crl.customer.example/root.crl";
  const Identity sub = testing::MakeIdentity(spec, &domain_ca_);
  registrar_ = RegistrarOf(sub);
  chain_ = {registrar_.CertificateDer(), sub.CertificateDer()};
  EXPECT_EQ(Outcome(), Reason::kRevocationUnknown);
  chain_.push_back(domain_ca_.CertificateDer());
  EXPECT_EQ(Outcome(), kServed);
  spec.common_name = "root that names a list";
  const Identity root = testing::MakeIdentity(spec);
  registrar_ = RegistrarOf(root);
  chain_ = {registrar_.CertificateDer(), root.CertificateDer()};
  EXPECT_EQ(Outcome(), kServed);
}

// RV-06: a CA whose keyUsage leaves cRLSign out signs no lists.
TEST_F(Revocation, ACaMustBeForLists) {
  Require();
  CertificateSpec spec = Spec("domain ca", true);
  spec.signs_crls = false;
  domain_ca_ = testing::Reissue(domain_ca_, spec);
  EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, Fresh())}, {}}),
            Reason::kRevocationUnknown);
  EXPECT_EQ(Outcome({{}, {Ocsp(Fresh(), domain_ca_)}}), kServed);
}

// RV-06: a list of another scope proves nothing by what it leaves out, or a
// revoked registrar would enclose its CA's list of CAs.
TEST_F(Revocation, AListOfAnotherScopeSaysNothing) {
  Require();
  const struct {
    const char* scope;
    bool covers;
  } cases[] = {
      {"onlyCA:TRUE", false},
      {"onlyuser:TRUE", true},
      {"fullname:URI:http://crl.customer.example/other.crl", false},
      {"fullname:URI:http://crl.customer.example/ca.crl", true},
  };
  for (const auto& c : cases) {
    testing::RevocationSpec spec = Fresh();
    spec.scope = c.scope;
    EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, spec)}, {}}),
              c.covers ? kServed : Reason::kRevocationUnknown)
        << c.scope;
    spec.revoked = {registrar_};
    EXPECT_EQ(Outcome({{testing::MakeCrl(domain_ca_, spec)}, {}}),
              Reason::kRegistrarRevoked)
        << c.scope;
  }
}

// RV-06, RV-07: a chain whose servers are silent passes elsewhere, and one that
// names none needs none.
TEST_F(Revocation, SilenceIsJudgedByTheProduct) {
  EXPECT_EQ(Outcome(), kServed);
  Require();
  registrar_ = RegistrarOf(domain_ca_);
  EXPECT_EQ(Outcome(), kServed);
}

// VI-05: a nonceless voucher ends with the word that it rests on.
TEST_F(Revocation, AVoucherEndsWithItsEvidence) {
  testing::RevocationSpec brief = Fresh();
  brief.next_update = clock_.Now() + absl::Minutes(5);
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  options_.certificates_der = {registrar_.CertificateDer(),
                               domain_ca_.CertificateDer()};
  options_.crls_der = {testing::MakeCrl(domain_ca_, brief)};
  const auto voucher =
      Ask(testing::SignCms(testing::RequestJson(leaves), registrar_, options_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->expires_on, clock_.Now() + absl::Minutes(5));
}

}  // namespace
}  // namespace masa::issuance
