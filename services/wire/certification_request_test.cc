#include "services/wire/certification_request.h"

#include "gtest/gtest.h"
#include "openssl/asn1.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/status/reason.h"
#include "services/testing/certification_requests.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"

namespace masa::wire {
namespace {

using testing::KeyKind;
using testing::RequestSpec;

testing::Identity Make(KeyKind kind, std::vector<std::string> names = {}) {
  testing::CertificateSpec spec;
  spec.common_name = "device";
  spec.key = kind;
  spec.subject_alternative_names = std::move(names);
  spec.not_before = absl::FromUnixSeconds(1700000000);
  spec.not_after = absl::FromUnixSeconds(1800000000);
  return testing::MakeIdentity(spec);
}

std::string SpkiOf(const testing::Identity& identity) {
  return (*Certificate::Parse(identity.CertificateDer()))->spki_der;
}

TEST(CertificationRequest, SaysAllThatTheClientAsksFor) {
  const auto key = Make(KeyKind::kP256);
  const RequestSpec spec = {
      {{"O", "Acme"}, {"CN", "a.example"}, {"serialNumber", "S-1"}},
      {"DNS:a.example", "DNS:b.example"},
      "binding"};
  const std::string der = testing::MakeRequest(spec, key.key.get());
  const auto read = ParseCertificationRequest(der);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->subject.size(), 3u);
  EXPECT_EQ(read->subject[0].type, kNameOrganization);
  EXPECT_EQ(read->subject[0].text, "Acme");
  EXPECT_EQ(read->subject[2].type, kNameSerialNumber);
  EXPECT_EQ(read->dns_names,
            (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_FALSE(read->has_other_names);
  EXPECT_EQ(read->challenge_password, "binding");
  EXPECT_EQ(read->spki_der, SpkiOf(key));
  EXPECT_TRUE(verification::BoringVerifier()
                  .VerifySignature(read->signature.algorithm, read->spki_der,
                                   read->signature.signed_octets,
                                   read->signature.signature)
                  .ok());
}

// What is no text of its own string type is read as none: it would go into the
// certificate as it came.
TEST(CertificationRequest, TextIsOfItsStringType) {
  struct Case {
    const char* attribute;
    int type;
    const char* octets;
    bool is_text;
  };
  const Case cases[] = {
      {"CN", V_ASN1_PRINTABLESTRING, "Az09 '()+,-./:=?", true},
      {"CN", V_ASN1_PRINTABLESTRING, "a*b", false},
      {"CN", V_ASN1_PRINTABLESTRING, "a@b", false},
      {"CN", V_ASN1_PRINTABLESTRING, "b\xc3\xbc", false},
      {"CN", V_ASN1_PRINTABLESTRING, "a\nb", false},
      {"CN", V_ASN1_IA5STRING, "a@b", true},
      {"CN", V_ASN1_IA5STRING, "b\xc3\xbc", false},
      {"CN", V_ASN1_IA5STRING, "a\x1b", false},
      {"CN", V_ASN1_UTF8STRING, "b\xc3\xbc", true},
      {"CN", V_ASN1_UTF8STRING, "a\nb", false},
      {"CN", V_ASN1_UTF8STRING, "a\x7f", false},
      {"CN", V_ASN1_UTF8STRING, "a\xc2\x85", false},
      {"CN", V_ASN1_T61STRING, "a", false},
      {"serialNumber", V_ASN1_PRINTABLESTRING, "S-1", true},
      {"serialNumber", V_ASN1_UTF8STRING, "S-1", false},
      {"serialNumber", V_ASN1_IA5STRING, "S-1", false},
  };
  const auto key = Make(KeyKind::kP256);
  for (const Case& one : cases) {
    RequestSpec spec = {{{one.attribute, one.octets}}, {}, ""};
    spec.subject_type = one.type;
    const auto read =
        ParseCertificationRequest(testing::MakeRequest(spec, key.key.get()));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->subject[0].text, one.is_text ? one.octets : "")
        << one.attribute << ' ' << one.type << ' ' << one.octets;
  }
}

TEST(CertificationRequest, NamesOfOtherKindsAreSeen) {
  const auto read = ParseCertificationRequest(testing::MakeRequest(
      {{{"CN", "a"}}, {"IP:127.0.0.1"}, ""}, Make(KeyKind::kP256).key.get()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->has_other_names);
  EXPECT_TRUE(read->dns_names.empty());
}

TEST(CertificationRequest, NothingElseIsOne) {
  const std::string der = testing::MakeRequest(testing::ForDevice("S"),
                                               Make(KeyKind::kP256).key.get());
  ASSERT_TRUE(ParseCertificationRequest(der).ok());
  const std::string others[] = {
      "",
      "x",
      der.substr(0, der.size() - 1),
      der + "x",
      std::string(16 * 1024 + 1, '\x30'),
      Make(KeyKind::kP256).CertificateDer(),
  };
  for (const std::string& other : others) {
    const auto read = ParseCertificationRequest(other);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(ReasonOf(read.status()), Reason::kMalformed);
  }
  // Whatever octet is cut off or changed: no crash, and never two answers.
  for (size_t i = 0; i < der.size(); ++i) {
    EXPECT_FALSE(ParseCertificationRequest(der.substr(0, i)).ok());
    std::string changed = der;
    changed[i] = static_cast<char>(changed[i] ^ 0x55);
    (void)ParseCertificationRequest(changed);
  }
}

// ES-16: whoever asks for a key may sign it as they like.
TEST(CertificationRequest, OfAnUnknownAlgorithmItKeepsNoSignature) {
  std::string der = testing::MakeRequest(testing::ForDevice("S"),
                                         Make(KeyKind::kP256).key.get());
  EXPECT_FALSE(ParseCertificationRequest(der)->signature.signature.empty());
  const std::string ecdsa("\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
  const size_t at = der.rfind(ecdsa);
  ASSERT_NE(at, std::string::npos);
  der[at + ecdsa.size() - 1] = 0x7f;
  const auto read = ParseCertificationRequest(der);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->signature.signature.empty());
  EXPECT_EQ(read->subject[0].text, "S");
}

TEST(CertificationRequest, AlternativeNamesOfACertificateAreThoseOfItsRequest) {
  const auto certificate = Make(KeyKind::kP256, {"DNS:a.example"});
  const auto read = ParseCertificationRequest(testing::MakeRequest(
      {{{"CN", "a"}}, {"DNS:a.example"}, ""}, certificate.key.get()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(AlternativeNamesOf(certificate.CertificateDer()),
            read->alternative_names);
  EXPECT_EQ(AlternativeNamesOf(Make(KeyKind::kP256).CertificateDer()), "");
  EXPECT_EQ(AlternativeNamesOf("x"), "");
}

TEST(ShapeOfKey, KnowsWhatIsIssued) {
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kP256))), KeyShape::kP256);
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kP384))), KeyShape::kP384);
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kEd25519))), KeyShape::kEd25519);
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kRsa2048))), KeyShape::kRsa);
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kP521))), KeyShape::kOther);
  EXPECT_EQ(ShapeOfKey(""), KeyShape::kOther);
  EXPECT_EQ(ShapeOfKey(SpkiOf(Make(KeyKind::kP256)) + "x"), KeyShape::kOther);
}

}  // namespace
}  // namespace masa::wire
