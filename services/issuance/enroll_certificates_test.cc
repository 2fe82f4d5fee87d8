#include "services/issuance/enroll_certificates.h"

#include "services/issuance/ids.h"
#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using testing::HasReason;
using testing::IsOk;
using Failure = storage::MemoryStore::Failure;

// ES-07.
TEST_F(Enrolling, ALineGetsACertificateAndTheDeviceIsReadyForBrski) {
  const std::string der = Enrolled("S-1");
  const auto certificate = wire::Certificate::Parse(der);
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ((*certificate)->subject_serial_number, "S-1");
  EXPECT_EQ((*certificate)->masa_url, "masa.example");
  EXPECT_EQ((*certificate)->not_after, absl::InfiniteFuture());
  EXPECT_THAT(verifier_.VerifyChain({der, {}, {ca_.CertificateDer()}, Noon()}),
              IsOk());
  const auto device = store_.Find({}, {{{"acme", "S-1", {}}, ""}})[0];
  ASSERT_THAT(device, IsOk());
  EXPECT_EQ(device->device.idevid_cert_der, der);
  EXPECT_EQ(device->device.idevid_issuer, (*certificate)->authority_key_id);
  EXPECT_EQ(device->device.product_id, "default");
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 1);
  EXPECT_EQ(store_.Events().back().actor, "line:line-1");
}

// ES-09.
TEST_F(Enrolling, ARepeatGetsTheSameCertificateAndAnotherRequestNone) {
  const EstCall call = CallFor("S-1");
  const auto first = desk_.AskOne(call), again = desk_.AskOne(call);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->certificates_der, again->certificates_der);
  EXPECT_THAT(desk_.AskOne(CallFor("S-1")), HasReason(Reason::kCertExists));
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 1);
}

// ES-08.
TEST_F(Enrolling, WhatIsRefusedLeavesNothing) {
  struct Case {
    const char* name;
    Reason reason;
    void (*spoil)(EstCall& call);
  };
  const Case cases[] = {
      {"another host", Reason::kTenantUnknown,
       [](EstCall& c) { c.host = "other.example"; }},
      {"an unknown label", Reason::kProfileUnknown,
       [](EstCall& c) { c.label = "none"; }},
      {"another type", Reason::kMediaTypeUnknown,
       [](EstCall& c) { c.content_type = "text/plain"; }},
      {"no certificate", Reason::kAuthenticationRequired,
       [](EstCall& c) { c.tls_peer_chain_der.clear(); }},
      {"no line's certificate", Reason::kEnrollerNotAllowed,
       [](EstCall& c) {
         c.tls_peer_chain_der = {Make("stranger", false).CertificateDer()};
       }},
      {"PEM", Reason::kMalformed,
       [](EstCall& c) { c.body = "-----BEGIN X-----\n" + c.body; }},
      {"cut off", Reason::kMalformed,
       [](EstCall& c) { c.body.resize(c.body.size() / 8 * 4); }},
      {"a token that is none", Reason::kAuthenticationRequired,
       [](EstCall& c) {
         c.tls_peer_chain_der.clear();
         c.authorization = "Basic " + absl::Base64Escape("a:token");
       }},
  };
  for (const Case& one : cases) {
    EstCall call = CallFor("S-1");
    one.spoil(call);
    EXPECT_THAT(desk_.AskOne(call), HasReason(one.reason)) << one.name;
  }
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 0);
  EXPECT_EQ(CountEvents(storage::kDeviceCreated), 0);
}

TEST_F(Enrolling, ATokenServesEachOfItsDevicesOnce) {
  ASSERT_THAT(operators_.CreateToken({}, operator_,
                                     {"factory",
                                      Sha256("secret"),
                                      {"S-1", "S-2"},
                                      Noon() + absl::Hours(1)},
                                     {}),
              IsOk());
  const auto with_token = [this](const std::string& serial) {
    EstCall call = CallFor(serial);
    call.tls_peer_chain_der.clear();
    call.authorization = "Basic " + absl::Base64Escape("any:secret");
    return call;
  };
  const EstCall first = with_token("S-1");
  ASSERT_THAT(desk_.AskOne(first), IsOk());
  EXPECT_THAT(desk_.AskOne(first), IsOk());  // the same request again
  EXPECT_THAT(desk_.AskOne(with_token("S-1")),
              HasReason(Reason::kAuthenticationRequired));
  EXPECT_THAT(desk_.AskOne(with_token("S-3")),
              HasReason(Reason::kAuthenticationRequired));
  EXPECT_THAT(desk_.AskOne(with_token("S-2")), IsOk());
  for (const auto& event : store_.Events()) {
    EXPECT_EQ(event.payload.find("secret"), std::string::npos);
    EXPECT_EQ(event.actor.find("secret"), std::string::npos);
  }
}

TEST_F(Enrolling, ATokenForOneServerIsForNoOther) {
  masa::v1::Catalog catalog = Catalog();
  auto* servers = catalog.mutable_tenants(0)->add_enrollment_profiles();
  servers->set_label("servers");
  servers->set_kind(masa::v1::ENROLLMENT_KIND_TLS_SERVER);
  servers->set_signing_key("ca");
  servers->add_dns_suffixes(".acme.example");
  ASSERT_THAT(store_.Apply({}, "test", Noon(), catalog), IsOk());
  ASSERT_THAT(operators_.CreateToken({}, operator_,
                                     {"servers",
                                      Sha256("secret"),
                                      {"r1.acme.example"},
                                      Noon() + absl::Hours(1)},
                                     {}),
              IsOk());
  const auto with_names = [this](const std::vector<std::string>& names) {
    EstCall call = CallFor("S-1");
    call.label = "servers";
    call.body = absl::Base64Escape(
        testing::MakeRequest({{}, names, ""}, Make("server", false).key.get()));
    call.tls_peer_chain_der.clear();
    call.authorization = "Basic " + absl::Base64Escape("any:secret");
    return call;
  };
  EXPECT_THAT(desk_.AskOne(
                  with_names({"DNS:r1.acme.example", "DNS:bank.acme.example"})),
              HasReason(Reason::kSubjectNotAllowed));
  EXPECT_THAT(desk_.AskOne(with_names({"DNS:r1.acme.example"})), IsOk());
}

TEST_F(Enrolling, WhoeverHoldsACertificateRenewsIt) {
  const testing::Identity key = Make("device", false);
  const auto first = desk_.AskOne(CallFor("S-1", key));
  ASSERT_THAT(first, IsOk());
  EstCall renewal = CallFor("S-1", key);
  renewal.operation = EstOperation::kSimpleReenroll;
  EXPECT_THAT(desk_.AskOne(renewal), HasReason(Reason::kEnrollerNotAllowed));
  renewal.tls_peer_chain_der = first->certificates_der;
  clock_.Advance(absl::Hours(1));
  const auto second = desk_.AskOne(renewal);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->certificates_der, first->certificates_der);
  EXPECT_EQ(desk_.AskOne(renewal)->certificates_der, second->certificates_der);
  EstCall other = CallFor("S-2", key);
  other.operation = EstOperation::kSimpleReenroll;
  other.tls_peer_chain_der = first->certificates_der;
  EXPECT_THAT(desk_.AskOne(other), HasReason(Reason::kEnrollerNotAllowed));
}

TEST_F(Enrolling, AKeyThatWasRevokedAsCompromisedIsNotCertifiedAgain) {
  constexpr int32_t kKeyCompromise = 1, kSuperseded = 4;
  const testing::Identity key = Make("device", false);
  const auto revoke = [this](const EstAnswer& answer, int32_t reason) {
    const auto certificate =
        wire::Certificate::Parse(answer.certificates_der.front());
    EXPECT_THAT(operators_.Revoke({}, operator_, (*certificate)->serial_der,
                                  reason, {}),
                IsOk());
  };
  const auto first = desk_.AskOne(CallFor("S-1", key));
  ASSERT_THAT(first, IsOk());
  revoke(*first, kSuperseded);
  const auto second = desk_.AskOne(CallFor("S-1", key));
  ASSERT_THAT(second, IsOk());
  revoke(*second, kKeyCompromise);
  EXPECT_THAT(desk_.AskOne(CallFor("S-1", key)),
              HasReason(Reason::kSubjectKeyNotAllowed));
  const auto third = desk_.AskOne(CallFor("S-1"));
  ASSERT_THAT(third, IsOk());
  // Nor by a renewal with a certificate of another key.
  store_.SetBlocked({}, "ada", Noon(), {{"acme", "S-1", {}}}, false);
  EstCall renewal = CallFor("S-1", key);
  renewal.operation = EstOperation::kSimpleReenroll;
  renewal.tls_peer_chain_der = third->certificates_der;
  EXPECT_THAT(desk_.AskOne(renewal), HasReason(Reason::kSubjectKeyNotAllowed));
}

TEST_F(Enrolling, ACompromisedKeyBlocksItsDeviceByWhicheverCertificate) {
  const testing::Identity key = Make("device", false);
  const auto first = desk_.AskOne(CallFor("S-1", key));
  ASSERT_THAT(first, IsOk());
  EstCall renewal = CallFor("S-1", key);
  renewal.operation = EstOperation::kSimpleReenroll;
  renewal.tls_peer_chain_der = first->certificates_der;
  ASSERT_THAT(desk_.AskOne(renewal), IsOk());
  const auto old = wire::Certificate::Parse(first->certificates_der.front());
  ASSERT_THAT(operators_.Revoke({}, operator_, (*old)->serial_der, 1, {}),
              IsOk());
  const auto device = store_.Find({}, {{{"acme", "S-1", {}}, ""}})[0];
  ASSERT_THAT(device, IsOk());
  EXPECT_EQ(device->device.state, storage::DeviceState::kBlocked);
}

TEST_F(Enrolling, WhatIsNotKnownToBeStoredIsNotReleased) {
  const EstCall call = CallFor("S-1");
  ASSERT_THAT(desk_.AskOne(CallFor("S-0")), IsOk());  // policies are at hand
  store_.FailNext(Failure::kUnstored);
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kStoreUnavailable));
  const auto facts = certificates_.Ask({}, {{"acme", "S-1"}})[0];
  ASSERT_THAT(facts, IsOk());
  EXPECT_TRUE(facts->certificates.empty());
  EXPECT_THAT(desk_.AskOne(call), IsOk());
}

TEST_F(Enrolling, ThoseThatComeTogetherHaveFatesOfTheirOwn) {
  EstCall unknown = CallFor("S-2");
  unknown.label = "none";
  EXPECT_EQ(OutcomesOf({CallFor("S-1"), unknown, CallFor("S-3")}),
            (std::vector<std::string>{"OK", "PROFILE_UNKNOWN", "OK"}));
}

// Who asks is found out for each, however alike their calls are.
TEST_F(Enrolling, ThoseThatComeTogetherAreWhoTheyAre) {
  EstCall stranger = CallFor("S-2"), nobody = CallFor("S-3"),
          token = CallFor("S-4");
  stranger.tls_peer_chain_der = {Make("stranger", false).CertificateDer()};
  nobody.tls_peer_chain_der.clear();
  token.tls_peer_chain_der.clear();
  token.authorization = "Basic " + absl::Base64Escape("a:token");
  EXPECT_EQ(OutcomesOf({CallFor("S-1"), stranger, nobody, token, nobody,
                        CallFor("S-5")}),
            (std::vector<std::string>{
                "OK", "ENROLLER_NOT_ALLOWED", "AUTHENTICATION_REQUIRED",
                "AUTHENTICATION_REQUIRED", "AUTHENTICATION_REQUIRED", "OK"}));
}

// ES-06.
TEST_F(Enrolling, TellsTheChainAndWhatToAskFor) {
  EstCall call;
  call.host = "est.masa.example";
  const auto chain = desk_.AskOne(call);
  ASSERT_THAT(chain, IsOk());
  EXPECT_EQ(chain->certificates_der,
            std::vector<std::string>{ca_.CertificateDer()});
  call.operation = EstOperation::kCsrAttrs;
  const auto attributes = desk_.AskOne(call);
  ASSERT_THAT(attributes, IsOk());
  EXPECT_FALSE(attributes->csr_attributes_der.empty());
}

TEST_F(Enrolling, ACaThatDevicesAreNotKnownByIssuesNone) {
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_tenants(0)->set_idevid_anchors_der(
      0, Make("other CA", true).CertificateDer());
  ASSERT_THAT(store_.Apply({}, "test", Noon(), catalog), IsOk());
  EXPECT_THAT(desk_.AskOne(CallFor("S-1")), HasReason(Reason::kMisconfigured));
}

}  // namespace
}  // namespace masa::issuance
