// BRSKI-PRM at the MASA (section 7.3 of the draft): an agent stands before the
// pledge, and says which registrar it came from.
#include <functional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using masa::v1::ASSERTION_AGENT_PROXIMITY;
using masa::v1::ASSERTION_LOGGED;

class ResponderMode : public Desk {
 protected:
  ResponderMode() {
    container_ = Container::kJws;
    ChangeProduct([](auto* p) { p->set_responder_mode(true); });
    Reset();
  }

  // A request of which every part is right, for tests to break one.
  void Reset() {
    inner_ = PledgeLeaves(kSerial);
    inner_.assertion = "agent-proximity";
    inner_.created_on = At(clock_.Now());
    inner_.proximity_registrar_cert_der.reset();
    inner_.agent_provided_proximity_registrar_cert_der =
        server_.CertificateDer();
    inner_.agent_signed_data = SignedData(agent_, KidOf(agent_), kSerial);
    outer_ = RegistrarLeaves(kSerial);
    outer_.created_on = At(clock_.Now());
    outer_.assertion = "agent-proximity";
    outer_.idevid_issuer = wire::AuthorityKeyIdExtension(
        *(*wire::Certificate::Parse(pledge_.CertificateDer()))
             ->authority_key_id);
    outer_.agent_sign_certs_der = {agent_.CertificateDer(),
                                   domain_ca_.CertificateDer()};
  }

  static std::string KidOf(const Identity& agent) {
    return absl::Base64Escape(
        *(*wire::Certificate::Parse(agent.CertificateDer()))->subject_key_id);
  }

  std::string SignedData(const Identity& agent, const std::string& kid,
                         const std::string& serial, bool wrapped = true) {
    testing::JwsOptions options;
    options.enclose = false;
    options.more_header = absl::StrCat(",\"kid\":\"", kid, "\"");
    const std::string leaves =
        absl::StrCat("{\"created-on\":\"", At(clock_.Now() + signed_later_),
                     "\",\"serial-number\":\"", serial, "\"}");
    return testing::SignJws(
        wrapped
            ? absl::StrCat("{\"ietf-voucher-request-prm:agent-signed-data\":",
                           leaves, "}")
            : leaves,
        agent, options);
  }

  RegistrarCall Asked() {
    if (with_pledge_) {
      outer_.prior_signed_voucher_request = PledgeSigned(inner_, pledge_);
    }
    RegistrarCall call = Call(
        registrar_alone_ ? testing::SignRequest(container_, outer_, registrar_,
                                                {registrar_.CertificateDer()})
                         : SignedWithPledge(outer_, pledge_));
    if (mutual_tls_) {
      call.tls_peer_chain_der = {registrar_.CertificateDer()};
    }
    return call;
  }

  absl::StatusOr<wire::Voucher> Outcome() {
    const auto answer = registrar_desk_->RequestVoucher(Asked());
    if (!answer.ok()) {
      return answer.status();
    }
    EXPECT_EQ(answer->content_type, "application/voucher-jws+json");
    return Opened(answer->body);
  }

  // The code of the answer, after that one change to a good request.
  int CodeWith(const std::function<void()>& change) {
    Reset();
    mutual_tls_ = true;
    with_pledge_ = true;
    registrar_alone_ = false;
    change();
    const auto voucher = Outcome();
    return voucher.ok() ? 200 : InfoOf(ReasonOf(voucher.status())).http_status;
  }

  bool mutual_tls_ = true;
  bool with_pledge_ = true;
  bool registrar_alone_ = false;  // encloses no CA
  absl::Duration signed_later_;
  const Identity pledge_ = Pledge(kSerial);
  const Identity agent_ =
      testing::MakeIdentity(Spec("agent", false), &domain_ca_);
  const Identity server_ =
      testing::MakeIdentity(Spec("registrar tls", false), &domain_ca_);
  const Identity foreign_agent_ =
      testing::MakeIdentity(Spec("agent", false), &other_ca_);
  RequestLeaves inner_;
  RequestLeaves outer_;
};

// PR-01, PR-03, PR-04, PR-08, PR-11, PR-12: all of one domain, though not one
// certificate.
TEST_F(ResponderMode, AllChecksMakeAgentProximity) {
  const auto voucher = Outcome();
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_AGENT_PROXIMITY);
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
}

// JW-12, PR-02, PR-03, PR-04, PR-05, PR-06, PR-09, PR-10: one fault each.
TEST_F(ResponderMode, EachFaultIsRefused) {
  const struct {
    const char* what;
    std::function<void()> breaks;
    int code;
  } cases[] = {
      {"PR-02 no client certificate", [&] { mutual_tls_ = false; }, 403},
      {"PR-03 another domain's registrar",
       [&] {
         inner_.agent_provided_proximity_registrar_cert_der =
             RegistrarOf(other_ca_).CertificateDer();
       },
       403},
      {"PR-03 none",
       [&] { inner_.agent_provided_proximity_registrar_cert_der.reset(); },
       403},
      {"PR-04 another domain's agent",
       [&] {
         outer_.agent_sign_certs_der = {foreign_agent_.CertificateDer(),
                                        other_ca_.CertificateDer()};
         inner_.agent_signed_data =
             SignedData(foreign_agent_, KidOf(foreign_agent_), kSerial);
       },
       403},
      {"PR-05 wrong key",
       [&] {
         inner_.agent_signed_data =
             SignedData(foreign_agent_, KidOf(agent_), kSerial);
       },
       403},
      {"PR-05 wrong kid",
       [&] {
         inner_.agent_signed_data =
             SignedData(agent_, KidOf(foreign_agent_), kSerial);
       },
       403},
      {"PR-05 no data", [&] { inner_.agent_signed_data.reset(); }, 403},
      {"garbage for data", [&] { inner_.agent_signed_data = "garbage"; }, 400},
      {"PR-06 another serial in the data",
       [&] {
         inner_.agent_signed_data = SignedData(agent_, KidOf(agent_), "S-2");
       },
       403},
      {"PR-06 another serial inside", [&] { inner_.serial_number = "S-2"; },
       403},
      {"PR-09 created-on", [&] { outer_.created_on.reset(); }, 400},
      {"PR-09 nonce", [&] { outer_.nonce.reset(); }, 403},
      {"PR-09 idevid-issuer", [&] { outer_.idevid_issuer.reset(); }, 400},
      {"PR-09 assertion", [&] { outer_.assertion.reset(); }, 400},
      {"more agents than a request may enclose",
       [&] { outer_.agent_sign_certs_der.resize(17, agent_.CertificateDer()); },
       400},
      {"PR-09 the pledge's request", [&] { with_pledge_ = false; }, 400},
      {"PR-02 nor a client certificate",
       [&] { with_pledge_ = mutual_tls_ = false; }, 403},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(CodeWith(c.breaks), c.code) << c.what;
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
  // Who says nothing of agents needs no pledge's word.
  EXPECT_EQ(CodeWith([&] {
              with_pledge_ = false;
              outer_.assertion.reset();
            }),
            200);
}

// PR-07: without the agent's certificate nothing is claimed.
TEST_F(ResponderMode, WithoutTheAgentsCertificateItIsLogged) {
  outer_.agent_sign_certs_der.clear();
  const auto voucher = Outcome();
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_LOGGED);
}

// PR-03, PR-06, PR-07, AMB-03: what is excused is the agent's certificate.
TEST_F(ResponderMode, WithoutTheAgentsCertificateTheRestIsChecked) {
  const struct {
    const char* what;
    std::function<void()> breaks;
    int code;
  } cases[] = {
      {"nothing", [] {}, 200},
      {"PR-03 another domain's registrar",
       [&] {
         inner_.agent_provided_proximity_registrar_cert_der =
             RegistrarOf(other_ca_).CertificateDer();
       },
       403},
      {"PR-06 another serial in the data",
       [&] {
         inner_.agent_signed_data = SignedData(agent_, KidOf(agent_), "S-2");
       },
       403},
      {"no data", [&] { inner_.agent_signed_data.reset(); }, 403},
      {"garbage for data", [&] { inner_.agent_signed_data = "garbage"; }, 400},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(CodeWith([&] {
                outer_.agent_sign_certs_der.clear();
                c.breaks();
              }),
              c.code)
        << c.what;
  }
}

// JW-06, PR-03: a registrar that sends itself alone is of the domain whose CA
// the device's owner registered; that registrar itself needs no CA.
TEST_F(ResponderMode, TheOwnersRegisteredCaIsTheDomains) {
  const auto alone = [&](const Identity& shown, bool with_agent) {
    return CodeWith([&] {
      registrar_alone_ = true;
      inner_.agent_provided_proximity_registrar_cert_der =
          shown.CertificateDer();
      outer_.agent_sign_certs_der.clear();
      if (with_agent) {
        outer_.agent_sign_certs_der = {agent_.CertificateDer()};
      }
    });
  };
  EXPECT_EQ(alone(registrar_, false), 200);
  EXPECT_EQ(alone(registrar_, true), 403);
  EXPECT_EQ(alone(server_, false), 403);
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-acme")[0]
          .ok());
  EXPECT_EQ(alone(registrar_, true), 200);
  EXPECT_EQ(alone(server_, true), 200);
  EXPECT_EQ(alone(RegistrarOf(other_ca_), true), 403);
  // Of another owner's CA the registrar is not.
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-other")[0]
          .ok());
  EXPECT_EQ(alone(registrar_, true), 403);
}

// PR-08, AMB-24: leaves bare or wrapped, a string for the certificate.
TEST_F(ResponderMode, BareLeavesAndASingleCertificateAreRead) {
  inner_.agent_signed_data = SignedData(agent_, KidOf(agent_), kSerial, false);
  outer_.agent_sign_certs_der = {agent_.CertificateDer()};
  outer_.prior_signed_voucher_request = PledgeSigned(inner_, pledge_);
  const std::string array =
      absl::StrCat("[\"", testing::Base64(agent_.CertificateDer()), "\"]");
  std::string json = testing::RequestJson(outer_);
  const size_t at = json.find(array);
  ASSERT_NE(at, std::string::npos);
  json.replace(at, array.size(), array.substr(1, array.size() - 2));
  testing::JwsOptions options;
  options.certificates_der = {registrar_.CertificateDer(),
                              domain_ca_.CertificateDer()};
  RegistrarCall call = Call(testing::SignJws(json, registrar_, options));
  call.tls_peer_chain_der = {registrar_.CertificateDer()};
  const auto answer = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Opened(answer->body)->assertion, ASSERTION_AGENT_PROXIMITY);
}

// JW-06: a registrar that encloses itself alone, as the drafts' examples do;
// the agent's chain brings the CA.
TEST_F(ResponderMode, TheAgentsChainMayBringTheCa) {
  outer_.prior_signed_voucher_request = PledgeSigned(inner_, pledge_);
  RegistrarCall call = Call(testing::SignRequest(
      container_, outer_, registrar_, {registrar_.CertificateDer()}));
  call.tls_peer_chain_der = {registrar_.CertificateDer()};
  const auto answer = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Opened(answer->body)->assertion, ASSERTION_AGENT_PROXIMITY);
}

// PR-14: data dated after its agent's certificate, where the product looks.
TEST_F(ResponderMode, DataMayNotOutliveTheAgent) {
  for (const bool checked : {false, true}) {
    ChangeProduct([&](auto* p) {
      p->set_responder_mode(true);
      p->set_agent_signed_date_checked(checked);
    });
    CertificateSpec brief = Spec("agent", false);
    brief.not_after = clock_.Now() + absl::Minutes(1);
    const Identity agent = testing::MakeIdentity(brief, &domain_ca_);
    signed_later_ = absl::Minutes(2);
    Reset();
    outer_.agent_sign_certs_der = {agent.CertificateDer(),
                                   domain_ca_.CertificateDer()};
    inner_.agent_signed_data = SignedData(agent, KidOf(agent), kSerial);
    const auto voucher = Outcome();
    EXPECT_EQ(voucher.ok(), !checked) << voucher.status();
  }
}

// PV-19, PR-01: the product decides; without the switch the same request is a
// plain one that shows no proximity.
TEST_F(ResponderMode, OtherProductsKnowNoAgents) {
  ChangeProduct([](auto* p) { p->set_responder_mode(false); });
  Reset();
  const auto voucher = Outcome();
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, ASSERTION_LOGGED);
}

}  // namespace
}  // namespace masa::issuance
