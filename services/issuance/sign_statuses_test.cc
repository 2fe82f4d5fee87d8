// What is told of certificates, signed ahead: RFC 6960 section 2.5.
#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"
#include "services/wire/revocation.h"
#include "services/wire/status_lists.h"

namespace masa::issuance {
namespace {

using testing::HasReason;
using testing::IsOk;
using Status = wire::OcspAnswer::Status;

class SigningAhead : public Enrolling {
 protected:
  std::string QuestionAbout(const std::string& certificate_der) const {
    return wire::EncodeOcspRequest(
        *wire::Certificate::Parse(certificate_der),
        *wire::Certificate::Parse(ca_.CertificateDer()));
  }

  SignStatuses::Turn Turn() {
    const auto turn = signing_ahead_.RunTurn({});
    EXPECT_THAT(turn, IsOk());
    return turn.value_or(SignStatuses::Turn());
  }

  std::string Ask(const std::string& request_der) {
    const auto answer = status_.Ocsp({}, request_der);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->der : "";
  }

  // What is kept of the certificate; empty: nothing that holds.
  std::string KeptOf(const std::string& certificate_der) {
    const auto found = certificates_.FindStatus(
        {}, (*wire::Certificate::Parse(certificate_der))->serial_der);
    EXPECT_THAT(found, IsOk());
    return found.ok() && found->signed_ahead ? found->signed_ahead->response_der
                                             : "";
  }

  // What a response says, if the CA signed it.
  Status Said(const std::string& response_der) const {
    const auto ca = wire::Certificate::Parse(ca_.CertificateDer());
    const auto read = wire::ParseOcspResponse(response_der);
    EXPECT_THAT(read, IsOk());
    EXPECT_THAT(verifier_.VerifySignature(
                    read->signature.algorithm, (*ca)->spki_der,
                    read->signature.signed_octets, read->signature.signature),
                IsOk());
    return read->answers[0].status;
  }

  void Revoke(const std::string& certificate_der) {
    EXPECT_THAT(
        operators_.Revoke(
            {}, operator_,
            (*wire::Certificate::Parse(certificate_der))->serial_der, 1, {}),
        IsOk());
  }
};

// A nonce as `openssl ocsp` sends it, in requestExtensions. Lengths stay below
// 128, so that each is one octet.
std::string WithNonce(std::string request_der) {
  const std::string extensions(
      "\xa2\x1b\x30\x19\x30\x17\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02"
      "\x04\x0a\x04\x08nonce-01",
      29);
  request_der[1] = static_cast<char>(request_der[1] + extensions.size());
  request_der[3] = static_cast<char>(request_der[3] + extensions.size());
  return request_der + extensions;
}

TEST_F(SigningAhead, WhoAsksHearsWhatWasSignedBefore) {
  const std::string first = Enrolled("S-1"), second = Enrolled("S-2");
  for (const std::string& one : {first, second}) {
    const std::string kept = KeptOf(one);
    ASSERT_FALSE(kept.empty());
    EXPECT_EQ(Said(kept), Status::kGood);
    EXPECT_EQ(Ask(QuestionAbout(one)), kept);
  }
  EXPECT_NE(KeptOf(first), KeptOf(second));
  EXPECT_EQ(Turn().is_signed, 0);
}

// RFC 6960 section 4.4.1: what was signed ahead holds no nonce, and may be
// what a request with one gets.
TEST_F(SigningAhead, ANonceMakesNoNewSignature) {
  const std::string device = Enrolled("S-1");
  const std::string question = WithNonce(QuestionAbout(device));
  ASSERT_THAT(wire::ParseOcspRequest(question), IsOk());
  EXPECT_EQ(Ask(question), KeptOf(device));
}

// A certificate is worth more than what is told of it.
TEST_F(SigningAhead, WhatWasNotSignedWithACertificateHasItsTurnAtOnce) {
  signs_statuses_ = false;
  const std::string first = Enrolled("S-1"), second = Enrolled("S-2");
  EXPECT_EQ(KeptOf(first), "");
  signs_statuses_ = true;
  const SignStatuses::Turn turn = Turn();
  EXPECT_EQ(turn.is_signed, 2);
  EXPECT_EQ(turn.failed, 0);
  EXPECT_FALSE(turn.is_full);
  EXPECT_EQ(Said(KeptOf(first)), Status::kGood);
  EXPECT_EQ(Ask(QuestionAbout(second)), KeptOf(second));
}

TEST_F(SigningAhead, AKeyThatIsNotForStatusesIssuesCertificates) {
  signer_ = *signing::LocalSigner::New(
      {{{"ca", ca_.CertificatePem(), {signing::Kind::kCertificate}},
        ca_.KeyPem(),
        ""}});
  const std::string device = Enrolled("S-1");
  ASSERT_NE(device, "");
  EXPECT_EQ(KeptOf(device), "");
  EXPECT_THAT(Turn().fault, HasReason(Reason::kKeyNotForThis));
}

TEST_F(SigningAhead, WhatIsAskedBeforeItsTurnIsKept) {
  signs_statuses_ = false;
  const std::string device = Enrolled("S-1");
  signs_statuses_ = true;
  const std::string answer = Ask(QuestionAbout(device));
  EXPECT_EQ(Said(answer), Status::kGood);
  EXPECT_EQ(KeptOf(device), answer);
  EXPECT_EQ(Turn().is_signed, 0);
}

TEST_F(SigningAhead, IsRenewedLongBeforeItIsOver) {
  const std::string device = Enrolled("S-1");
  const std::string before = KeptOf(device);
  clock_.Advance(absl::Hours(11));
  EXPECT_EQ(Turn().is_signed, 0);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Turn().is_signed, 1);
  EXPECT_NE(KeptOf(device), before);
  const auto answer = status_.Ocsp({}, QuestionAbout(device));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->next_update, clock_.Now() + absl::Hours(24));
}

TEST_F(SigningAhead, NothingIsToldThatIsOver) {
  const std::string device = Enrolled("S-1");
  const std::string before = KeptOf(device);
  clock_.Advance(absl::Hours(24));
  const std::string after = Ask(QuestionAbout(device));
  EXPECT_NE(after, before);
  EXPECT_EQ(wire::ParseOcspResponse(after)->answers[0].this_update,
            clock_.Now());
}

TEST_F(SigningAhead, ARevocationIsToldAtOnceAndSignedAhead) {
  const std::string asked = Enrolled("S-1"), quiet = Enrolled("S-2");
  Revoke(asked);
  Revoke(quiet);
  EXPECT_EQ(KeptOf(asked), "");
  EXPECT_EQ(Said(Ask(QuestionAbout(asked))), Status::kRevoked);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Turn().is_signed, 1);
  EXPECT_EQ(Said(KeptOf(quiet)), Status::kRevoked);
  EXPECT_EQ(Ask(QuestionAbout(quiet)), KeptOf(quiet));
}

TEST_F(SigningAhead, ItsProfileSaysForHowLong) {
  masa::v1::Catalog catalog = Catalog();
  auto* profile = catalog.mutable_tenants(0)->mutable_enrollment_profiles(0);
  profile->mutable_ocsp_validity()->set_seconds(3600);
  profile->mutable_validity()->set_seconds(7200);
  ASSERT_THAT(store_.Apply({}, "test", Noon(), catalog), IsOk());
  clock_.Advance(absl::Minutes(1));  // longer than policies lag
  const std::string device = Enrolled("S-1");
  EXPECT_EQ(status_.Ocsp({}, QuestionAbout(device))->next_update,
            clock_.Now() + absl::Hours(1));
  clock_.Advance(absl::Minutes(30));
  EXPECT_EQ(Turn().is_signed, 1);
  // Of a certificate that is over nothing is signed ahead any more.
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(Turn().is_signed, 0);
  EXPECT_EQ(KeptOf(device), "");
  EXPECT_EQ(Said(Ask(QuestionAbout(device))), Status::kGood);
}

TEST_F(SigningAhead, AKeyThatDoesNotSignCostsNothingThatWasSigned) {
  const std::string device = Enrolled("S-1");
  const std::string before = KeptOf(device);
  auto away = std::move(signer_);
  signer_ = *signing::LocalSigner::New({});
  clock_.Advance(absl::Hours(12));
  const SignStatuses::Turn turn = Turn();
  EXPECT_EQ(turn.failed, 1);
  EXPECT_THAT(turn.fault, HasReason(Reason::kKeyUnknown));
  EXPECT_EQ(Ask(QuestionAbout(device)), before);
  signer_ = std::move(away);
  EXPECT_EQ(Turn().is_signed, 0);  // its turn comes again in a while
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(Turn().is_signed, 1);
}

TEST_F(SigningAhead, SaysWhenTheStoreIsAway) {
  store_.Stop(true);
  EXPECT_THAT(signing_ahead_.RunTurn({}), HasReason(Reason::kStoreUnavailable));
  EXPECT_THAT(status_.Ocsp({}, QuestionAbout(ca_.CertificateDer())),
              HasReason(Reason::kStoreUnavailable));
}

}  // namespace
}  // namespace masa::issuance
