#include "services/wire/est_messages.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "openssl/pkcs7.h"
#include "openssl/pool.h"
#include "openssl/stack.h"
#include "openssl/x509.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::wire {
namespace {

// ES-03, ES-04.
TEST(EstBody, TakesBase64HoweverItIsWrapped) {
  for (const char* body :
       {"aGVsbG8=", "aGVsbG8=\n", "aGVs\r\nbG8=\r\n", " aGVs\tbG8 =\n\n"}) {
    const auto octets = DecodeEstBody(body);
    ASSERT_TRUE(octets.ok()) << body;
    EXPECT_EQ(*octets, "hello");
  }
}

TEST(EstBody, SaysWhatCameInstead) {
  struct Case {
    std::string body;
    const char* says;
  };
  const Case cases[] = {
      {"", "empty"},
      {"\n \n", "empty"},
      {std::string("\x30\x82\x01\x00", 4), "DER itself"},
      {"-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n", "PEM"},
      {"aGVsbG8", "cut off"},
      {"aGVs!G8=", "other characters"},
  };
  for (const Case& one : cases) {
    const auto octets = DecodeEstBody(one.body);
    ASSERT_FALSE(octets.ok()) << one.body;
    EXPECT_EQ(ReasonOf(octets.status()), Reason::kMalformed);
    EXPECT_NE(octets.status().message().find(one.says), absl::string_view::npos)
        << octets.status();
  }
}

TEST(EstBody, IsOneLineButForLibest) {
  const std::string octets(100, 'x');
  const std::string line = EncodeEstBody(octets, false);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const std::string wrapped = EncodeEstBody(octets, true);
  EXPECT_EQ(wrapped.find('\n'), 64u);
  EXPECT_EQ(wrapped.back(), '\n');
  EXPECT_EQ(*DecodeEstBody(wrapped), octets);
  EXPECT_EQ(*DecodeEstBody(line), octets);
  EXPECT_TRUE(WantsWrappedBase64("Mozilla/5.0 (libEST/3.2)"));
  EXPECT_FALSE(WantsWrappedBase64("strongSwan"));
}

// ES-07.
TEST(CertsOnly, IsWhatAnotherReaderTakes) {
  testing::CertificateSpec spec;
  spec.common_name = "one";
  spec.not_before = absl::FromUnixSeconds(1700000000);
  spec.not_after = absl::FromUnixSeconds(1800000000);
  const std::string one = testing::MakeIdentity(spec).CertificateDer();
  const std::string two = testing::MakeIdentity(spec).CertificateDer();
  const std::string cms = EncodeCertsOnly({one, two});
  bssl::UniquePtr<STACK_OF(CRYPTO_BUFFER)> list(sk_CRYPTO_BUFFER_new_null());
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(cms.data()), cms.size());
  ASSERT_EQ(PKCS7_get_raw_certificates(list.get(), &cbs, nullptr), 1);
  ASSERT_EQ(sk_CRYPTO_BUFFER_num(list.get()), 2u);
  const CRYPTO_BUFFER* first = sk_CRYPTO_BUFFER_value(list.get(), 0);
  EXPECT_EQ(
      std::string(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(first)),
                  CRYPTO_BUFFER_len(first)),
      one);
  EXPECT_EQ(CBS_len(&cbs), 0u);
}

// ES-12, ES-13.
TEST(CsrAttributes, NameKeysPurposesAndLinking) {
  const std::string all = EncodeCsrAttributes(
      {{KeyShape::kP256, KeyShape::kP384, KeyShape::kRsa, KeyShape::kEd25519},
       true,
       {testing::kClientAuth}});
  const std::string only = EncodeCsrAttributes({{KeyShape::kP256}, false, {}});
  // id-ecPublicKey with its curve as the value (RFC 9908 section 3.2).
  EXPECT_EQ(only, std::string("\x30\x17\x30\x15\x06\x07\x2a\x86\x48\xce\x3d\x02"
                              "\x01\x31\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01"
                              "\x07",
                              25));
  const std::string challenge("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07",
                              11);
  EXPECT_NE(all.find(challenge), std::string::npos);
  EXPECT_EQ(only.find(challenge), std::string::npos);
  EXPECT_EQ(EncodeCsrAttributes({}), std::string("\x30\x00", 2));
}

// X.690 section 11.6: in DER a SET OF is sorted by its encodings.
TEST(CsrAttributes, SetsAreInTheirOrder) {
  const std::string p256("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10);
  const std::string p384("\x06\x05\x2b\x81\x04\x00\x22", 7);
  const std::string all =
      EncodeCsrAttributes({{KeyShape::kP256, KeyShape::kP384}, false, {}});
  EXPECT_NE(all.find("\x31\x11" + p384 + p256), std::string::npos)
      << absl::BytesToHexString(all);
  // Of a template's attributes the shorter is the first here.
  CsrAttributes server = {
      {}, false, {testing::kClientAuth}, CsrAttributes::Subject::kServer, ""};
  const std::string encoded = EncodeCsrAttributes(server);
  const std::string request("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 11);
  const std::string form("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x3e",
                         13);
  EXPECT_LT(encoded.find(form), encoded.rfind(request))
      << absl::BytesToHexString(encoded);
}

// ES-13; RFC 9908 section 3.4: beside the list, for clients that know
// templates.
TEST(CsrAttributes, ATemplateSaysWhatTheDeviceFillsIn) {
  using Subject = CsrAttributes::Subject;
  const std::string oid("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x3d", 11);
  CsrAttributes attributes = {
      {KeyShape::kP256}, false, {}, Subject::kDevice, "Acme"};
  const std::string device = EncodeCsrAttributes(attributes);
  // v1; serialNumber without a value and O with one; P-256; no attributes.
  const std::string expected(
      "\x30\x36\x02\x01\x00"
      "\x30\x18\x31\x07\x30\x05\x06\x03\x55\x04\x05"
      "\x31\x0d\x30\x0b\x06\x03\x55\x04\x0a\x0c\x04\x41\x63\x6d\x65"
      "\xa0\x15\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
      "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
      "\xa1\x00",
      56);
  EXPECT_NE(device.find("\x06\x0b" + oid + "\x31\x38" + expected),
            std::string::npos)
      << absl::BytesToHexString(device);
  // Clients of before find what they did.
  EXPECT_NE(device.find(
                EncodeCsrAttributes({{KeyShape::kP256}, false, {}}).substr(2)),
            std::string::npos);
  // A server's names go into subjectAltName, whose value the client fills in.
  attributes.subject = Subject::kServer;
  const std::string server = EncodeCsrAttributes(attributes);
  EXPECT_NE(server.find(std::string("\x30\x05\x06\x03\x55\x1d\x11", 7)),
            std::string::npos);
  // v1; O with its value; P-256.
  EXPECT_NE(server.find(expected.substr(2, 3) + "\x30\x0f" +
                        expected.substr(16, 15) + expected.substr(31, 23)),
            std::string::npos)
      << absl::BytesToHexString(server);
  attributes.organization.clear();
  EXPECT_NE(EncodeCsrAttributes(attributes)
                .find(expected.substr(2, 3) + expected.substr(31, 23)),
            std::string::npos);
  // Who knows templates passes over a challengePassword beside one.
  attributes.challenge_password = true;
  EXPECT_EQ(EncodeCsrAttributes(attributes).find(oid), std::string::npos);
}

}  // namespace
}  // namespace masa::wire
