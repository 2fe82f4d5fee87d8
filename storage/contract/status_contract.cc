// StatusStore beside the certificates that it tells of.
#include <algorithm>

#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/contract/certificate_contract.h"

namespace masa::storage {
namespace {

std::string NameOf(const absl::Status& status) {
  return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
}

}  // namespace

std::vector<std::string> CertificateContract::Take(absl::Time now, int limit) {
  const auto taken =
      statuses().TakeTurns(context_, {now, now + absl::Minutes(1), limit});
  EXPECT_TRUE(taken.ok()) << taken.status();
  std::vector<std::string> serials;
  for (const IssuedCertificate& one :
       taken.value_or(std::vector<IssuedCertificate>())) {
    serials.push_back(one.serial);
  }
  std::sort(serials.begin(), serials.end());
  return serials;
}

SignedStatus CertificateContract::StatusOf(
    const IssuedCertificate& certificate) const {
  return {certificate.serial,         std::string("id\0", 3),
          std::string("signed\0", 7), now_ + absl::Hours(1),
          certificate.revoked_at,     now_ + absl::Minutes(30)};
}

TEST_P(CertificateContract, WhatWasSignedIsReadBack) {
  const auto made = Enroll(Of("S1", '1'));
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string& serial = made->certificate.serial;
  const auto before = statuses().FindStatus(context_, serial);
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->certificate, made->certificate);
  EXPECT_FALSE(before->signed_ahead.has_value());
  const SignedStatus status = StatusOf(made->certificate);
  ASSERT_TRUE(statuses().KeepStatuses(context_, {status}).ok());
  const auto after = statuses().FindStatus(context_, serial);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->signed_ahead, status);
  SignedStatus newer = status;
  newer.response_der = "signed again";
  newer.next_update += absl::Hours(1);
  ASSERT_TRUE(statuses().KeepStatuses(context_, {newer}).ok());
  EXPECT_EQ(statuses().FindStatus(context_, serial)->signed_ahead, newer);
  for (const std::string& stranger :
       {Of("S2", '2').certificate.serial, std::string("x")}) {
    EXPECT_EQ(NameOf(statuses().FindStatus(context_, stranger).status()),
              "CERT_NOT_FOUND");
  }
}

TEST_P(CertificateContract, WhatIsSignedWithACertificateIsStoredWithIt) {
  Enrollment asked = Of("S1", '1');
  const SignedStatus status = StatusOf(asked.certificate);
  asked.status = status;
  ASSERT_TRUE(Enroll(asked).ok());
  const std::string& serial = asked.certificate.serial;
  EXPECT_EQ(statuses().FindStatus(context_, serial)->signed_ahead, status);
  // Of a repeat, what was signed with it goes with its certificate.
  Enrollment again = Of("S1", '2');
  again.certificate.request_digest = asked.certificate.request_digest;
  again.status = StatusOf(again.certificate);
  ASSERT_TRUE(Enroll(again).ok());
  EXPECT_EQ(statuses().FindStatus(context_, serial)->signed_ahead, status);
  // A renewal's goes the same way, as does that of a token or a known device.
  Enrollment renewal = Of("S1", '3');
  renewal.renewed_der = asked.certificate.certificate_der;
  renewal.status = StatusOf(renewal.certificate);
  ASSERT_TRUE(Enroll(renewal).ok());
  EXPECT_EQ(
      statuses().FindStatus(context_, renewal.certificate.serial)->signed_ahead,
      renewal.status);
  EXPECT_TRUE(Take(now_ + absl::Minutes(29), 10).empty());
  EXPECT_EQ(Take(now_ + absl::Minutes(30), 10).size(), 2u);
}

TEST_P(CertificateContract, AStatusIsOfItsCertificate) {
  const Enrollment asked = Of("S1", '1');
  for (const SignedStatus& wrong :
       {StatusOf(Of("S2", '1').certificate),
        SignedStatus{.serial = asked.certificate.serial}}) {
    Enrollment with = asked;
    with.status = wrong;
    EXPECT_EQ(NameOf(Enroll(with).status()), "INVALID_ARGUMENT");
  }
  EXPECT_EQ(CountEvents(kCertificateIssued), 0);
}

TEST_P(CertificateContract, ARevocationEndsAtOnceWhatWasSaid) {
  const auto made = Enroll(Of("S1", '1'));
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string& serial = made->certificate.serial;
  const SignedStatus good = StatusOf(made->certificate);
  ASSERT_TRUE(statuses().KeepStatuses(context_, {good}).ok());
  const absl::Time at = now_ + absl::Minutes(2);
  ASSERT_TRUE(Take(at, 10).empty());
  const auto revoked = store().Revoke(context_, "ada", at, {"a", serial, 1});
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_FALSE(
      statuses().FindStatus(context_, serial)->signed_ahead.has_value());
  // Who signed before it knew stores what nobody is told.
  ASSERT_TRUE(statuses().KeepStatuses(context_, {good}).ok());
  EXPECT_FALSE(
      statuses().FindStatus(context_, serial)->signed_ahead.has_value());
  ASSERT_TRUE(statuses().KeepStatuses(context_, {StatusOf(*revoked)}).ok());
  EXPECT_EQ(statuses().FindStatus(context_, serial)->signed_ahead,
            StatusOf(*revoked));
}

TEST_P(CertificateContract, ARevokedCertificateHasItsTurnAtOnce) {
  const auto made = Enroll(Of("S1", '1'));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(
      statuses().KeepStatuses(context_, {StatusOf(made->certificate)}).ok());
  const absl::Time at = now_ + absl::Minutes(2);
  EXPECT_TRUE(Take(at, 10).empty());
  ASSERT_TRUE(
      store()
          .Revoke(context_, "ada", at, {"a", made->certificate.serial, 1})
          .ok());
  EXPECT_EQ(Take(at, 10), std::vector<std::string>{made->certificate.serial});
}

TEST_P(CertificateContract, TurnsAreTakenOnceAndComeBack) {
  std::vector<std::string> serials;
  for (const char request : {'1', '2', '3'}) {
    Enrollment one = Of(std::string("S") + request, request);
    one.certificate.issued_at += absl::Seconds(request);
    ASSERT_TRUE(Enroll(one).ok());
    serials.push_back(one.certificate.serial);
  }
  EXPECT_TRUE(Take(now_, 10).empty());
  const absl::Time at = now_ + absl::Minutes(5);
  std::vector<std::string> oldest(serials.begin(), serials.begin() + 2);
  std::sort(oldest.begin(), oldest.end());
  EXPECT_EQ(Take(at, 2), oldest);
  EXPECT_EQ(Take(at, 2), std::vector<std::string>{serials[2]});
  EXPECT_TRUE(Take(at, 2).empty());
  // Two of them were not kept, since who took them stopped.
  SignedStatus kept;
  kept.serial = serials[0];
  kept.renew_at = at + absl::Hours(1);
  ASSERT_TRUE(statuses().KeepStatuses(context_, {kept}).ok());
  EXPECT_EQ(Take(at + absl::Minutes(1), 10).size(), 2u);
  EXPECT_FALSE(
      statuses().FindStatus(context_, serials[0])->signed_ahead.has_value());
}

TEST_P(CertificateContract, StatusesThatCannotBeAreRefusedTogether) {
  const auto made = Enroll(Of("S1", '1'));
  ASSERT_TRUE(made.ok()) << made.status();
  const SignedStatus good = StatusOf(made->certificate);
  SignedStatus foreign = good;
  foreign.serial = "x";
  SignedStatus half = StatusOf(Of("S2", '2').certificate);
  half.cert_id_der.clear();
  for (const auto& wrong : std::vector<std::vector<SignedStatus>>{
           {good, foreign}, {good, good}, {good, half}}) {
    EXPECT_EQ(NameOf(statuses().KeepStatuses(context_, wrong)),
              "INVALID_ARGUMENT");
  }
  EXPECT_FALSE(statuses()
                   .FindStatus(context_, made->certificate.serial)
                   ->signed_ahead.has_value());
  EXPECT_TRUE(statuses().KeepStatuses(context_, {}).ok());
}

TEST_P(CertificateContract, StatusesSayWhenTheStoreIsAway) {
  const auto made = Enroll(Of("S1", '1'));
  ASSERT_TRUE(made.ok()) << made.status();
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "the server is not ours to stop";
  }
  const SignedStatus status = StatusOf(made->certificate);
  EXPECT_EQ(NameOf(statuses().FindStatus(context_, status.serial).status()),
            "STORE_UNAVAILABLE");
  EXPECT_EQ(NameOf(statuses()
                       .TakeTurns(context_, {now_, now_ + absl::Minutes(1), 1})
                       .status()),
            "STORE_UNAVAILABLE");
  EXPECT_EQ(NameOf(statuses().KeepStatuses(context_, {status})),
            "STORE_UNAVAILABLE");
  under_test_->Restart();
  EXPECT_TRUE(statuses().KeepStatuses(context_, {status}).ok());
}

}  // namespace masa::storage
