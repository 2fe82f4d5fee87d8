// The code that each fault of a request has on the wire, and the headers that
// choose the answer's form.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

// EP-16, EP-32, EP-33, EP-37, EP-39, EP-40, ES-05, AMB-23: what does not parse
// is 400, what parses and may not is 403, what is not there is 404.
TEST_F(Desk, EachFaultHasItsCode) {
  const auto sign = [this](const RequestLeaves& leaves) {
    return Signed(leaves, registrar_, domain_ca_);
  };
  const std::string good = Request(kSerial);
  CmsOptions broken;
  broken.break_signature = true;
  CmsOptions detached;
  detached.detached = true;
  CmsOptions bare;
  bare.signed_attributes = false;
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  RequestLeaves no_serial = RegistrarLeaves(kSerial);
  no_serial.serial_number.reset();
  RequestLeaves bad_date = RegistrarLeaves(kSerial);
  bad_date.created_on = "yesterday";
  RequestLeaves bad_prior = RegistrarLeaves(kSerial);
  bad_prior.prior_signed_voucher_request = "garbage";
  RequestLeaves stale = RegistrarLeaves(kSerial);
  stale.created_on = At(Noon() - absl::Hours(26));
  RequestLeaves early = RegistrarLeaves(kSerial);
  early.created_on = At(Noon() + absl::Minutes(6));
  RequestLeaves nonceless = RegistrarLeaves(kSerial);
  nonceless.nonce.reset();
  RequestLeaves other_nonce = PledgeLeaves(kSerial);
  other_nonce.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  const struct {
    const char* what;
    std::string body;
    int code;
  } cases[] = {
      {"empty", "", 400},
      {"garbage", "garbage", 400},
      {"truncated", good.substr(0, good.size() - 1), 400},
      {"EP-16 base64", testing::Base64(good), 400},
      {"not JSON", testing::SignCms("{", registrar_), 400},
      {"no serial-number", sign(no_serial), 400},
      {"no date", sign(bad_date), 400},
      {"prior is garbage", sign(bad_prior), 400},
      {"CM-15 detached", testing::SignCms(json, registrar_, detached), 400},
      {"not signed", testing::SignCms(json, registrar_, bare), 403},
      {"badly signed", testing::SignCms(json, registrar_, broken), 403},
      {"pledge's badly signed",
       Wrapping(testing::SignCms(testing::RequestJson(PledgeLeaves(kSerial)),
                                 Pledge(kSerial), broken),
                kSerial),
       403},
      {"no RA", testing::SignCms(json, Pledge(kSerial)), 403},
      {"stale", sign(stale), 403},
      {"from the future", sign(early), 403},
      {"EP-39 nonceless", sign(nonceless), 403},
      {"EP-40 nonce",
       Wrapping(
           testing::SignCms(testing::RequestJson(other_nonce), Pledge(kSerial)),
           kSerial),
       403},
      {"EP-40 serial",
       Wrapping(testing::SignCms(testing::RequestJson(PledgeLeaves("S-2")),
                                 Pledge("S-2")),
                kSerial),
       403},
      {"EP-33", sign(RegistrarLeaves("NONE")), 404},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(Refusal(c.body)).http_status, c.code) << c.what;
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
  EXPECT_TRUE(Ask(good).ok());
}

// SE-11, EP-31: what is said to registrars is logged as well, so it names
// neither device nor customer nor domain.
TEST_F(Desk, RefusalsNameNobody) {
  RequestLeaves old = RegistrarLeaves(kSerial);
  old.created_on = At(Noon() - absl::Hours(26));
  RequestLeaves nonceless = RegistrarLeaves(kSerial);
  nonceless.nonce.reset();
  std::vector<std::string> bodies = {
      Signed(old, registrar_, domain_ca_),
      Signed(nonceless, registrar_, domain_ca_),
      Signed(RegistrarLeaves("UNKNOWN-1"), registrar_, domain_ca_),
      Signed(RegistrarLeaves("OWNED-1"), RegistrarOf(other_ca_), other_ca_),
      testing::SignCms(testing::RequestJson(RegistrarLeaves(kSerial)),
                       Pledge(kSerial)),
      Wrapping(PledgeSigned(PledgeLeaves(kSerial), Pledge("OTHER-1")), kSerial),
  };
  for (const std::string& body : bodies) {
    const auto refused = registrar_desk_->RequestVoucher(Call(body));
    ASSERT_FALSE(refused.ok());
    const std::string said(refused.status().message());
    EXPECT_FALSE(said.empty());
    for (const char* name :
         {kSerial, "UNKNOWN-1", "OWNED-1", "OTHER-1", "org-acme", "org-other",
          "acme", "domain ca", "other ca"}) {
      EXPECT_FALSE(absl::StrContains(said, name)) << said;
    }
  }
}

// EP-10, EP-15, EP-18, EP-19, EP-20, EP-21, EP-23, EP-34, EP-35, EP-36, AMB-02:
// the form that both the pledge and the registrar take; a type of another year
// fails alone.
TEST_F(Desk, HeadersChooseTheFormOfTheAnswer) {
  const std::string jws = "application/voucher-jws+json";
  const struct {
    std::string content_type;
    std::string accept;
    int code;
  } cases[] = {
      {kCms, "", 200},
      {kCms, "*/*", 200},
      {kCms, "foo/bar, application/voucher-cms+json;q=0.5", 200},
      {kCms, jws + ", application/voucher-cms+json;q=0.1", 200},
      {"Application/Voucher-CMS+JSON; x=1", "", 200},
      {kCms, jws, 406},
      {kCms, "application/voucher+cose;q=1, " + jws, 406},
      {kCms, "application/voucher-cms+json;q=0, " + jws, 406},
      {kCms, "application/voucher-cms+json;q=0", 406},
      {kCms, "application/voucher-cms+json;q=0, */*", 406},
      {kCms, "foo/bar", 415},
      {"application/voucher-of-2031", "", 415},
      {"application/voucher+cose", "", 400},
      {jws, "", 400},
      {"", "", 415},
  };
  for (const auto& c : cases) {
    RegistrarCall call = Call(Request(kSerial));
    call.content_type = c.content_type;
    call.accept = c.accept;
    const auto answer = registrar_desk_->RequestVoucher(call);
    EXPECT_EQ(answer.ok() ? 200 : InfoOf(ReasonOf(answer.status())).http_status,
              c.code)
        << c.content_type << " " << c.accept;
    if (answer.ok()) {
      EXPECT_EQ(answer->content_type, kCms);
    }
  }
}

// TR-17: a client certificate opens a connection and changes no voucher.
TEST_F(Desk, TheTlsClientDoesNotChangeTheVoucher) {
  std::string payloads[2];
  for (const bool with_client : {false, true}) {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.created_on = At(Noon() - absl::Seconds(with_client));
    RegistrarCall call = Call(Signed(leaves, registrar_, domain_ca_));
    if (with_client) {
      call.tls_peer_chain_der = {other_ca_.CertificateDer()};
    }
    const auto answer = registrar_desk_->RequestVoucher(call);
    ASSERT_TRUE(answer.ok()) << answer.status();
    payloads[with_client] = wire::ParseCms(answer->body)->payload;
  }
  EXPECT_EQ(payloads[0], payloads[1]);
  EXPECT_EQ(EventsOf(kSerial), 2u);
}

// TR-18, VI-01, VI-02, VI-03, OW-03, OW-04, EP-39: without a nonce only for
// the recorded owner, also where any domain may claim with one.
TEST_F(Desk, NoncelessVouchersAreForTheRecordedOwner) {
  ChangeProduct(
      [](auto* p) { p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER); });
  const auto ask = [this](const Identity& by, const Identity& ca) {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.nonce.reset();
    return Refusal(Signed(leaves, by, ca));
  };
  const Identity stranger = testing::MakeIdentity(Spec("stranger", true));
  EXPECT_EQ(ask(RegistrarOf(stranger), stranger), Reason::kRegistrarUnknown);
  EXPECT_EQ(ask(registrar_, domain_ca_), Reason::kRegistrarUnknown);
  EXPECT_EQ(InfoOf(Reason::kRegistrarUnknown).http_status, 403);
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-acme")[0]
          .ok());
  EXPECT_EQ(ask(RegistrarOf(other_ca_), other_ca_), Reason::kRegistrarUnknown);
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.nonce.reset();
  const std::string body = Signed(leaves, registrar_, domain_ca_);
  const auto voucher = Ask(body);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_FALSE(voucher->nonce.has_value());
  EXPECT_NE(Log(body)->find("\"nonce\":null"), std::string::npos);
}

}  // namespace
}  // namespace masa::issuance
