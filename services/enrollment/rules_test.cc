#include "services/enrollment/rules.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/asn1.h"
#include "openssl/sha.h"
#include "services/status/reason.h"
#include "services/testing/certification_requests.h"
#include "services/testing/status_matchers.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"

namespace masa::enrollment {
namespace {

using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::KeyKind;
using testing::RequestSpec;

const absl::Time kNow = absl::FromUnixSeconds(1750000000);

testing::Identity Make(KeyKind kind = KeyKind::kP256) {
  testing::CertificateSpec spec;
  spec.common_name = "line";
  spec.key = kind;
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + absl::Hours(1);
  return testing::MakeIdentity(spec);
}

wire::CertificationRequest Request(const RequestSpec& spec,
                                   const testing::Identity& key = Make()) {
  return *wire::ParseCertificationRequest(
      testing::MakeRequest(spec, key.key.get()));
}

masa::v1::EnrollmentProfile Factory() {
  masa::v1::EnrollmentProfile profile;
  profile.set_label("factory");
  profile.set_kind(masa::v1::ENROLLMENT_KIND_IDEVID);
  profile.set_serial_prefix("AC-");
  profile.set_organization("Acme");
  profile.set_longest_serial(12);
  return profile;
}

masa::v1::EnrollmentProfile Servers() {
  masa::v1::EnrollmentProfile profile;
  profile.set_label("servers");
  profile.set_kind(masa::v1::ENROLLMENT_KIND_TLS_SERVER);
  profile.add_dns_suffixes(".acme.example");
  return profile;
}

std::string Sha256(const std::string& octets) {
  std::string digest(32, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::string Basic(const std::string& pair) {
  return absl::StrCat("Basic ", absl::Base64Escape(pair));
}

TEST(SubjectOf, OfADeviceIsItsSerialNumber) {
  EXPECT_THAT(
      SubjectOf(Factory(),
                Request({{{"O", "Acme"}, {"serialNumber", "AC-1"}}, {}, ""})),
      IsOkAndHolds("AC-1"));
  EXPECT_THAT(SubjectOf(Factory(), Request({{{"O", "Acme"},
                                             {"CN", "a device"},
                                             {"serialNumber", "AC-2"}},
                                            {},
                                            ""})),
              IsOkAndHolds("AC-2"));
}

TEST(SubjectOf, RefusesOtherSubjectsWithASentence) {
  struct Case {
    const char* says;
    RequestSpec spec;
  };
  const Case cases[] = {
      {"serialNumber", {{{"O", "Acme"}}, {}, ""}},
      {"begin with AC-", {{{"O", "Acme"}, {"serialNumber", "X-1"}}, {}, ""}},
      {"1 to 12", {{{"O", "Acme"}, {"serialNumber", "AC-4567890123"}}, {}, ""}},
      {"more than one",
       {{{"O", "Acme"}, {"serialNumber", "AC-1"}, {"serialNumber", "AC-2"}},
        {},
        ""}},
      {"must be Acme", {{{"serialNumber", "AC-1"}}, {}, ""}},
      {"must be Acme", {{{"O", "Other"}, {"serialNumber", "AC-1"}}, {}, ""}},
      {"CN and O alone",
       {{{"O", "Acme"}, {"OU", "Line"}, {"serialNumber", "AC-1"}}, {}, ""}},
      {"alternative names",
       {{{"O", "Acme"}, {"serialNumber", "AC-1"}}, {"DNS:a.example"}, ""}},
  };
  for (const Case& one : cases) {
    const auto subject = SubjectOf(Factory(), Request(one.spec));
    ASSERT_THAT(subject, HasReason(Reason::kSubjectNotAllowed)) << one.says;
    EXPECT_NE(subject.status().message().find(one.says),
              absl::string_view::npos)
        << subject.status();
  }
}

TEST(SubjectOf, RefusesTextOfTheWrongStringType) {
  RequestSpec serial = {{{"O", "Acme"}, {"serialNumber", "AC-1"}}, {}, ""};
  RequestSpec common = serial;
  common.subject.emplace_back("CN", "a*b");
  common.subject_type = V_ASN1_PRINTABLESTRING;
  EXPECT_THAT(SubjectOf(Factory(), Request(common)),
              HasReason(Reason::kSubjectNotAllowed));
  common.subject.back().second = "a device";
  EXPECT_THAT(SubjectOf(Factory(), Request(common)), IsOkAndHolds("AC-1"));
  serial.subject_type = V_ASN1_UTF8STRING;
  EXPECT_THAT(SubjectOf(Factory(), Request(serial)),
              HasReason(Reason::kSubjectNotAllowed));
  RequestSpec server = {
      {{"serialNumber", "1"}}, {"DNS:r.acme.example"}, "", {}};
  server.subject_type = V_ASN1_UTF8STRING;
  EXPECT_THAT(SubjectOf(Servers(), Request(server)),
              HasReason(Reason::kSubjectNotAllowed));
}

TEST(SubjectOf, OfAServerIsItsFirstName) {
  EXPECT_THAT(SubjectOf(Servers(),
                        Request({{{"CN", "r.acme.example"}},
                                 {"DNS:r.acme.example", "DNS:s.acme.example"},
                                 ""})),
              IsOkAndHolds("r.acme.example"));
  const RequestSpec others[] = {
      {{{"CN", "r.acme.example"}}, {}, ""},
      {{}, {"DNS:r.other.example"}, ""},
      {{}, {"DNS:r.acme.example", "DNS:r.other.example"}, ""},
      {{}, {"DNS:R.acme.example"}, ""},
      {{}, {"DNS:..acme.example"}, ""},
      {{}, {"DNS:-.acme.example"}, ""},
      {{}, {"DNS:a-.acme.example"}, ""},
      {{}, {"DNS:a_b.acme.example"}, ""},
      {{}, {"DNS:" + std::string(64, 'a') + ".acme.example"}, ""},
      {{}, {"IP:127.0.0.1"}, ""},
      {{{"CN", "s.acme.example"}}, {"DNS:r.acme.example"}, ""},
      {{{"serialNumber", "1"}}, {"DNS:r.acme.example"}, ""},
  };
  for (const RequestSpec& spec : others) {
    EXPECT_THAT(SubjectOf(Servers(), Request(spec)),
                HasReason(Reason::kSubjectNotAllowed));
  }
}

TEST(CheckKey, WeakAndStrangeKeysAreRefused) {
  masa::v1::EnrollmentProfile rsa = Factory();
  rsa.add_keys(masa::v1::ENROLLMENT_KEY_RSA);
  struct Case {
    KeyKind kind;
    bool usual;
    bool of_rsa;
  };
  for (const Case& one :
       {Case{KeyKind::kP256, true, false}, Case{KeyKind::kP384, true, false},
        Case{KeyKind::kEd25519, true, false},
        Case{KeyKind::kRsa2048, false, true}}) {
    const auto request = Request(testing::ForDevice("1"), Make(one.kind));
    EXPECT_EQ(CheckKey(Factory(), request).ok(), one.usual);
    EXPECT_EQ(CheckKey(rsa, request).ok(), one.of_rsa);
  }
}

TEST(CheckPossession, TheKeyMustHaveSigned) {
  const verification::BoringVerifier verifier;
  auto request = Request(testing::ForDevice("1"));
  EXPECT_THAT(CheckPossession(Factory(), request, {}, verifier), IsOk());
  request.signature.signed_octets.back() ^= 1;
  EXPECT_THAT(CheckPossession(Factory(), request, {}, verifier),
              HasReason(Reason::kPossessionNotProven));
}

// ES-14.
TEST(CheckPossession, LinkingIsCheckedWhereItIsSaidOrAsked) {
  const verification::BoringVerifier verifier;
  RequestSpec spec = testing::ForDevice("1");
  masa::v1::EnrollmentProfile strict = Factory();
  strict.set_linking_required(true);
  Credentials here;
  here.channel_binding = "this connection";
  const auto check = [&](const masa::v1::EnrollmentProfile& profile,
                         const Credentials& credentials) {
    return CheckPossession(profile, Request(spec), credentials, verifier);
  };
  EXPECT_THAT(check(strict, here), HasReason(Reason::kPossessionNotProven));
  EXPECT_THAT(check(Factory(), here), IsOk());
  spec.challenge_password = absl::Base64Escape("this connection");
  EXPECT_THAT(check(strict, here), IsOk());
  EXPECT_THAT(check(Factory(), here), IsOk());
  EXPECT_THAT(check(Factory(), {}), HasReason(Reason::kPossessionNotProven));
  spec.challenge_password = absl::Base64Escape("another connection");
  EXPECT_THAT(check(Factory(), here), HasReason(Reason::kPossessionNotProven));
}

TEST(Identify, ByTheKeyOfALineElseByAToken) {
  const auto line = Make(), stranger = Make();
  masa::v1::EnrollmentProfile profile = Factory();
  auto* known = profile.add_factory_lines();
  known->set_name("line-1");
  known->set_spki_sha256(
      (*wire::Certificate::Parse(line.CertificateDer()))->spki_sha256);
  Credentials credentials = {{line.CertificateDer()}, "", ""};
  EXPECT_EQ(Identify(profile, credentials, kNow)->name, "line:line-1");
  EXPECT_THAT(Identify(profile, credentials, kNow + absl::Hours(2)),
              HasReason(Reason::kEnrollerNotAllowed));
  credentials.tls_chain_der = {stranger.CertificateDer()};
  EXPECT_THAT(Identify(profile, credentials, kNow),
              HasReason(Reason::kEnrollerNotAllowed));
  EXPECT_THAT(Identify(profile, {}, kNow),
              HasReason(Reason::kAuthenticationRequired));
  credentials.authorization = Basic("who:a:token");
  const auto token = Identify(profile, credentials, kNow);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->token_digest, Sha256("a:token"));
  EXPECT_EQ(token->name.find("a:token"), std::string::npos);
  for (const std::string& other :
       {std::string("Bearer x"), std::string("Basic !"), Basic("nocolon"),
        Basic("a:"), Basic("a:" + std::string(257, 't'))}) {
    EXPECT_THAT(Identify(profile, {{}, other, ""}, kNow),
                HasReason(Reason::kAuthenticationRequired));
  }
}

TEST(CheckPermit, ATokenIsForItsSubjectItsLabelAndItsTime) {
  const Applicant token = {Applicant::Kind::kToken, "token:1", "digest"};
  storage::EnrollmentFacts facts;
  const auto check = [&] {
    return CheckPermit(Factory(), token, facts, "request", kNow);
  };
  EXPECT_THAT(check(), HasReason(Reason::kAuthenticationRequired));
  facts.permit = {"factory", kNow + absl::Hours(1)};
  EXPECT_THAT(check(), IsOk());
  facts.permit = {"servers", kNow + absl::Hours(1)};
  EXPECT_THAT(check(), HasReason(Reason::kAuthenticationRequired));
  facts.permit = {"factory", kNow};
  EXPECT_THAT(check(), HasReason(Reason::kAuthenticationRequired));
  // The repeat of the request that used it.
  facts.permit.reset();
  storage::IssuedCertificate issued;
  issued.requester = "token:1";
  issued.request_digest = "request";
  issued.not_after = kNow + absl::Hours(1);
  facts.certificates = {issued};
  EXPECT_THAT(check(), IsOk());
  facts.certificates[0].request_digest = "another";
  EXPECT_THAT(check(), HasReason(Reason::kAuthenticationRequired));
}

// Its subject is the first name alone: others would need no permit.
TEST(CheckTokenNames, ATokenIsForOneNameAndALineMayAskForMore) {
  const Applicant token = {Applicant::Kind::kToken, "token:1", "digest"};
  const Applicant line = {Applicant::Kind::kLine, "line:1", ""};
  const auto one = Request({{}, {"DNS:r.acme.example"}, ""});
  const auto two =
      Request({{}, {"DNS:r.acme.example", "DNS:s.acme.example"}, ""});
  EXPECT_THAT(CheckTokenNames(token, one), IsOk());
  EXPECT_THAT(CheckTokenNames(token, Request(testing::ForDevice("1"))), IsOk());
  EXPECT_THAT(CheckTokenNames(token, two),
              HasReason(Reason::kSubjectNotAllowed));
  EXPECT_THAT(CheckTokenNames(line, two), IsOk());
}

TEST(ReadsRecord, OfALineOnlyWhereTheProfileDoes) {
  masa::v1::EnrollmentProfile strict = Factory();
  strict.set_registered_only(true);
  const auto of = [](Applicant::Kind kind) {
    Applicant applicant;
    applicant.kind = kind;
    return applicant;
  };
  EXPECT_FALSE(ReadsRecord(Factory(), of(Applicant::Kind::kLine)));
  EXPECT_TRUE(ReadsRecord(strict, of(Applicant::Kind::kLine)));
  EXPECT_TRUE(ReadsRecord(Factory(), of(Applicant::Kind::kToken)));
  EXPECT_TRUE(ReadsRecord(Factory(), of(Applicant::Kind::kHolder)));
}

TEST(CheckRegistered, AsksForARecordWhereTheProfileDoes) {
  masa::v1::EnrollmentProfile strict = Factory();
  strict.set_registered_only(true);
  storage::EnrollmentFacts facts;
  EXPECT_THAT(CheckRegistered(Factory(), facts), IsOk());
  EXPECT_THAT(CheckRegistered(strict, facts),
              HasReason(Reason::kSubjectNotAllowed));
  facts.is_registered = true;
  EXPECT_THAT(CheckRegistered(strict, facts), IsOk());
}

// ES-11.
TEST(CheckRenewal, IsForWhoeverHoldsAValidCertificateOfTheSubject) {
  testing::CertificateSpec spec;
  spec.subject_serial_number = "AC-1";
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + absl::Hours(1);
  const auto holder = testing::MakeIdentity(spec);
  const auto shown = wire::Certificate::Parse(holder.CertificateDer());
  auto request = Request(testing::ForDevice("AC-1"));
  request.subject_der = (*shown)->subject_der;
  storage::IssuedCertificate issued;
  issued.certificate_der = holder.CertificateDer();
  issued.profile = "factory";
  issued.serial = "\x12";
  issued.not_after = kNow + absl::Hours(1);
  storage::EnrollmentFacts facts;
  const Credentials credentials = {{holder.CertificateDer()}, "", ""};
  const auto check = [&](absl::Time now) {
    return CheckRenewal(Factory(), request, credentials, facts, now);
  };
  EXPECT_THAT(check(kNow), HasReason(Reason::kEnrollerNotAllowed));
  facts.certificates = {issued};
  EXPECT_EQ(check(kNow)->name, "certificate:12");
  EXPECT_THAT(check(kNow + absl::Hours(2)),
              HasReason(Reason::kCertificateExpired));
  facts.certificates[0].revoked_at = kNow;
  EXPECT_THAT(check(kNow), HasReason(Reason::kCertRevoked));
  facts.certificates[0].revoked_at.reset();
  facts.certificates[0].profile = "servers";
  EXPECT_THAT(check(kNow), HasReason(Reason::kEnrollerNotAllowed));
  facts.certificates[0].profile = "factory";
  request.subject_der = Request(testing::ForDevice("AC-2")).subject_der;
  EXPECT_THAT(check(kNow), HasReason(Reason::kSubjectNotAllowed));
  EXPECT_THAT(CheckRenewal(Factory(), request, {}, facts, kNow),
              HasReason(Reason::kAuthenticationRequired));
}

TEST(FormFor, TakesNamesAndKeyFromTheRequestAndTheRestFromTheProfile) {
  testing::CertificateSpec spec;
  spec.common_name = "CA";
  spec.is_ca = true;
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  const auto ca =
      wire::Certificate::Parse(testing::MakeIdentity(spec).CertificateDer());
  masa::v1::EnrollmentProfile profile = Factory();
  profile.set_masa_url("masa.example");
  profile.set_ocsp_url("http://a/ocsp");
  const auto request = Request(testing::ForDevice("AC-1"));
  const auto form =
      FormFor(profile, request, *ca, SignatureAlgorithm::kEcdsaP256Sha256,
              "serial", kNow + absl::Milliseconds(7));
  ASSERT_THAT(form, IsOk());
  EXPECT_EQ(form->subject_der, request.subject_der);
  EXPECT_EQ(form->spki_der, request.spki_der);
  EXPECT_EQ(form->issuer_der, (*ca)->subject_der);
  EXPECT_EQ(form->masa_url, "masa.example");
  EXPECT_EQ(form->not_before, kNow);
  EXPECT_EQ(form->not_after, absl::InfiniteFuture());
  const auto leaf = wire::Certificate::Parse(Make().CertificateDer());
  EXPECT_THAT(FormFor(profile, request, *leaf,
                      SignatureAlgorithm::kEcdsaP256Sha256, "serial", kNow),
              HasReason(Reason::kMisconfigured));
}

}  // namespace
}  // namespace masa::enrollment
