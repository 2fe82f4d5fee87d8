#include "services/wire/status_lists.h"

#include "gtest/gtest.h"
#include "openssl/x509.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/wire/certificate.h"
#include "services/wire/revocation.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1700000000);
constexpr auto kP256 = SignatureAlgorithm::kEcdsaP256Sha256;

Certificate Make(bool is_ca) {
  testing::CertificateSpec spec;
  spec.common_name = is_ca ? "CA" : "device";
  spec.is_ca = is_ca;
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  return *Certificate::Parse(testing::MakeIdentity(spec).CertificateDer());
}

CrlForm Crl(const Certificate& ca) {
  CrlForm form;
  form.issuer_der = ca->subject_der;
  form.authority_key_id = *ca->subject_key_id;
  form.number = 1700000000123;
  form.this_update = kNow;
  form.next_update = kNow + absl::Hours(24);
  return form;
}

TEST(CrlForm, ListsWhatIsRevokedForTwoReaders) {
  const Certificate ca = Make(true), device = Make(false), other = Make(false);
  CrlForm form = Crl(ca);
  form.revoked = {{device->serial_der, kNow, RevocationReason::kKeyCompromise}};
  const std::string tbs = EncodeTbsCrl(form);
  EXPECT_TRUE(CheckTbsCrl(tbs, ca->subject_der, kP256).ok());
  const std::string der = SignedDer(tbs, kP256, "signature");
  const auto crl = ParseCrl(der);
  ASSERT_TRUE(crl.ok()) << crl.status();
  EXPECT_TRUE(crl->Lists(device));
  EXPECT_FALSE(crl->Lists(other));
  EXPECT_EQ(crl->next_update, form.next_update);
  const auto* octets = reinterpret_cast<const uint8_t*>(der.data());
  const bssl::UniquePtr<X509_CRL> read(
      d2i_X509_CRL(nullptr, &octets, static_cast<long>(der.size())));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(read.get())), 1u);
}

TEST(CrlForm, AnEmptyListIsAList) {
  const Certificate ca = Make(true);
  const std::string tbs = EncodeTbsCrl(Crl(ca));
  EXPECT_TRUE(CheckTbsCrl(tbs, ca->subject_der, kP256).ok());
  EXPECT_FALSE(CheckTbsCrl(tbs, Make(true)->spki_der, kP256).ok());
  EXPECT_FALSE(CheckTbsCrl("x", ca->subject_der, kP256).ok());
}

OcspForm Answer(const OcspQuestion& question, const Certificate& ca) {
  return {question.cert_id_der, ca->spki_der, kNow, kNow + absl::Hours(1), {}};
}

TEST(Ocsp, AnswersTheQuestionThatOurOwnClientAsks) {
  const Certificate ca = Make(true);
  testing::CertificateSpec spec;
  spec.common_name = "device";
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  const Certificate device = Make(false);
  const auto question = ParseOcspRequest(EncodeOcspRequest(device, ca));
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->serial, device->serial_der);
  EXPECT_TRUE(question->IsOfIssuer(device->issuer_der, ca->spki_der));
  EXPECT_FALSE(question->IsOfIssuer(device->issuer_der, device->spki_der));
  OcspForm form = Answer(*question, ca);
  for (const bool revoked : {false, true}) {
    if (revoked) {
      form.revoked = {device->serial_der, kNow, RevocationReason::kSuperseded};
    }
    const std::string data = EncodeOcspData(form);
    EXPECT_TRUE(CheckOcspData(data, kP256).ok());
    const auto read =
        ParseOcspResponse(EncodeOcspResponse(data, kP256, "signature"));
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->answers.size(), 1u);
    EXPECT_EQ(read->answers[0].status, revoked ? OcspAnswer::Status::kRevoked
                                               : OcspAnswer::Status::kGood);
    EXPECT_TRUE(read->answers[0].IsOf(device, ca));
    EXPECT_EQ(read->signature.signed_octets, data);
  }
}

TEST(Ocsp, TheUsualQuestionIsWhatOurOwnClientAsks) {
  const Certificate ca = Make(true), device = Make(false);
  const auto question = ParseOcspRequest(EncodeOcspRequest(device, ca));
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(UsualCertId(device->issuer_der, ca->spki_der, device->serial_der),
            question->cert_id_der);
}

// Else anybody could ask about one certificate in endless ways, each of which
// would be signed for.
TEST(Ocsp, AHashHasNoParametersOfItsOwn) {
  const std::string good = EncodeOcspRequest(Make(false), Make(true));
  const std::string null("\x1a\x05\x00\x04", 4);  // behind SHA-1's identifier
  const size_t at = good.find(null);
  ASSERT_NE(at, std::string::npos);
  std::string other = good;
  other[at + 1] = '\x04';  // an empty OCTET STRING
  EXPECT_FALSE(ParseOcspRequest(other).ok());
  std::string absent = good;
  absent.erase(at + 1, 2);
  for (const size_t length : {1, 3, 5, 7, 9, 11}) {
    absent[length] = static_cast<char>(absent[length] - 2);
  }
  EXPECT_TRUE(ParseOcspRequest(absent).ok());
}

TEST(Ocsp, TakesNothingElse) {
  const Certificate ca = Make(true), device = Make(false);
  const std::string good = EncodeOcspRequest(device, ca);
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "x", std::string(1025, '\x30')}) {
    EXPECT_FALSE(ParseOcspRequest(bad).ok());
  }
  EXPECT_FALSE(CheckOcspData("x", kP256).ok());
  EXPECT_EQ(EncodeOcspError(OcspError::kUnauthorized),
            std::string("\x30\x03\x0a\x01\x06", 5));
}

}  // namespace
}  // namespace masa::wire
