#include "services/wire/jws.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/wire/test_signature.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {
namespace {

std::string File(const std::string& name) {
  std::ifstream file("services/wire/testdata/jws/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Url(const std::string& text) {
  std::string encoded;
  absl::WebSafeBase64Escape(text, &encoded);
  return encoded;
}

std::string Jws(const std::string& header, const std::string& payload,
                const std::string& signature) {
  return absl::StrCat("{\"payload\":\"", payload,
                      "\",\"signatures\":[{\"protected\":\"", Url(header),
                      "\",\"signature\":\"", signature, "\"}]}");
}

// JW-05, JW-06, JW-08: the draft's three artifacts, one certificate each.
TEST(ParseJws, ReadsTheDraftsArtifactsWhoseSignaturesVerify) {
  for (const char* name :
       {"pvr.jws.json", "rvr.jws.json", "voucher.jws.json"}) {
    const auto artifact = ParseJws(File(name));
    ASSERT_TRUE(artifact.ok()) << name << ": " << artifact.status();
    EXPECT_EQ(artifact->format, masa::v1::FORMAT_JWS_JSON);
    ASSERT_EQ(artifact->signers.size(), 1u);
    EXPECT_EQ(artifact->signers[0].certificate, 0);
    EXPECT_TRUE(VerifiesWith(artifact->signers[0], artifact->certificates[0]))
        << name;
    SignedArtifact changed = *artifact;
    changed.signers[0].signed_octets += "x";
    EXPECT_FALSE(VerifiesWith(changed.signers[0], changed.certificates[0]))
        << name;
  }
}

// JW-11: the prior-signed request is base64 of the JWS's JSON.
TEST(ParseJws, RegistrarsRequestHoldsThePledges) {
  const auto request =
      ParseVoucherRequest(masa::v1::FORMAT_JWS_JSON, File("rvr.jws.json"));
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_TRUE(request->leaves.prior_signed_voucher_request.has_value());
  const auto pledge = ParseVoucherRequest(
      masa::v1::FORMAT_JWS_JSON, *request->leaves.prior_signed_voucher_request);
  ASSERT_TRUE(pledge.ok()) << pledge.status();
  EXPECT_EQ(pledge->leaves.serial_number, request->leaves.serial_number);
  EXPECT_EQ(pledge->leaves.nonce, request->leaves.nonce);
  EXPECT_TRUE(pledge->leaves.proximity_registrar_cert_der.has_value());
}

// JW-10, RFC 7515 section 5.2: what an unprotected header may not say.
TEST(ParseJws, ReadsUnprotectedHeadersOnlyToRefuseThem) {
  const auto jws = [](const std::string& header, const std::string& beside) {
    return absl::StrCat(
        "{\"payload\":\"", Url("{}"), "\",\"signatures\":[{\"header\":", header,
        ",\"protected\":\"", Url("{\"alg\":\"ES256\",\"note\":1}"),
        "\",\"signature\":\"", Url(std::string(64, 'x')), "\"}]", beside, "}");
  };
  EXPECT_TRUE(ParseJws(jws("{}", "")).ok());
  EXPECT_TRUE(ParseJws(jws("{\"kid\":\"k\"}", ",\"more\":1")).ok());
  const struct {
    std::string header;
    std::string beside;
    Reason reason;
  } cases[] = {
      {"{\"alg\":\"ES256\"}", "", Reason::kMalformed},
      {"{\"alg\":\"none\"}", "", Reason::kMalformed},
      {"{\"kid\":\"k\",\"note\":2}", "", Reason::kMalformed},
      {"{\"crit\":[\"b64\"]}", "", Reason::kSignatureInvalid},
      {"\"alg\"", "", Reason::kMalformed},
      {"{\"x\":1,\"x\":1}", "", Reason::kMalformed},
      {"{}", ",\"protected\":\"\"", Reason::kMalformed},
      {"{}", ",\"header\":{}", Reason::kMalformed},
      {"{}", ",\"signature\":\"\"", Reason::kMalformed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(ReasonOf(ParseJws(jws(c.header, c.beside)).status())).name,
              InfoOf(c.reason).name)
        << c.header << c.beside;
  }
}

TEST(ParseJws, RefusesWhatIsNotASignedVoucherArtifact) {
  const std::string es256 = "{\"alg\":\"ES256\"}";
  const std::string payload = Url("{}");
  const std::string signature = Url(std::string(64, 'x'));
  const struct {
    const char* what;
    std::string jws;
    Reason reason;
  } cases[] = {
      {"JW-01 compact", absl::StrCat(Url(es256), ".", payload, ".", signature),
       Reason::kMalformed},
      {"JW-01 flattened",
       absl::StrCat("{\"payload\":\"", payload, "\",\"protected\":\"",
                    Url(es256), "\",\"signature\":\"", signature, "\"}"),
       Reason::kMalformed},
      {"JW-01 no signature",
       absl::StrCat("{\"payload\":\"", payload, "\",\"signatures\":[]}"),
       Reason::kMalformed},
      {"JW-02 padded payload", Jws(es256, "e30=", signature),
       Reason::kMalformed},
      {"JW-02 standard alphabet", Jws(es256, "e3+/", signature),
       Reason::kMalformed},
      {"JW-03 none", Jws("{\"alg\":\"none\"}", payload, ""),
       Reason::kNotSigned},
      {"JW-03 HS256", Jws("{\"alg\":\"HS256\"}", payload, signature),
       Reason::kNotSigned},
      {"JW-10 alg unprotected",
       absl::StrCat("{\"payload\":\"", payload,
                    "\",\"signatures\":[{\"header\":{\"alg\":\"ES256\"},"
                    "\"protected\":\"",
                    Url("{}"), "\",\"signature\":\"", signature, "\"}]}"),
       Reason::kNotSigned},
      {"JW-10 duplicate alg",
       Jws("{\"alg\":\"none\",\"alg\":\"ES256\"}", payload, signature),
       Reason::kMalformed},
      {"JW-10 crit",
       Jws("{\"alg\":\"ES256\",\"crit\":[\"b64\"]}", payload, signature),
       Reason::kSignatureInvalid},
      {"JW-04 typ",
       Jws("{\"alg\":\"ES256\",\"typ\":\"JWT\"}", payload, signature),
       Reason::kSignatureInvalid},
      {"JW-08 DER signature", Jws(es256, payload, Url(std::string(71, 'x'))),
       Reason::kSignatureInvalid},
      {"JW-05 base64url in x5c",
       Jws("{\"alg\":\"ES256\",\"x5c\":[\"-_-_\"]}", payload, signature),
       Reason::kMalformed},
      {"x5c of no certificate",
       Jws("{\"alg\":\"ES256\",\"x5c\":[\"AAAA\"]}", payload, signature),
       Reason::kMalformed},
      {"garbage", "garbage", Reason::kMalformed},
      {"SE-04 depth", std::string(100, '['), Reason::kMalformed},
      {"SE-04 size", std::string(70'000, ' '), Reason::kMalformed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(ReasonOf(ParseJws(c.jws).status())).name,
              InfoOf(c.reason).name)
        << c.what;
  }
}

// JW-07: JSON may escape the slashes of base64.
TEST(ParseJws, ReadsEscapedSlashesInTheChain) {
  const auto plain = ParseJws(File("pvr.jws.json"));
  ASSERT_TRUE(plain.ok());
  std::string base64;
  absl::Base64Escape(plain->certificates[0]->der, &base64);
  std::string escaped;
  for (const char c : base64) {
    escaped += c == '/' ? "\\/" : std::string(1, c);
  }
  ASSERT_NE(escaped, base64);
  const auto read = ParseJws(
      Jws(absl::StrCat("{\"alg\":\"ES256\",\"x5c\":[\"", escaped, "\"]}"),
          Url("{}"), Url(std::string(64, 'x'))));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->certificates[0]->der, plain->certificates[0]->der);
}

TEST(EnclosedInJws, NamesTheCertificatesThatAreRead) {
  const std::string jws = File("rvr.jws.json");
  const auto artifact = ParseJws(jws);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  ASSERT_FALSE(artifact->certificates.empty());
  EXPECT_EQ(EnclosedInJws(jws),
            std::vector<std::string>{artifact->certificates[0]->der});
  EXPECT_TRUE(EnclosedInJws(jws.substr(0, jws.size() - 3)).empty());
  EXPECT_TRUE(EnclosedInJws("garbage").empty());
  const std::string chain = Jws("{\"x5c\":[\"AAAA\",\"////\"]}", "", "");
  EXPECT_EQ(EnclosedInJws(chain),
            (std::vector<std::string>{std::string(3, '\0'), "\xff\xff\xff"}));
}

TEST(ParseJws, NeverCrashesOnATruncatedArtifact) {
  const std::string whole = File("voucher.jws.json");
  for (size_t length = 0; length + 2 < whole.size(); length += 7) {
    EXPECT_FALSE(ParseJws(whole.substr(0, length)).ok());
  }
}

}  // namespace
}  // namespace masa::wire
