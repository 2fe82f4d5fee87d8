#include "services/wire/jwt.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/tokens.h"
#include "services/verification/boring_verifier.h"

namespace masa::wire {
namespace {

using testing::Base64Url;
using testing::Identity;
using testing::JwkOf;
using testing::JwksOf;
using testing::KeyKind;

Identity Make(KeyKind kind) {
  testing::CertificateSpec spec;
  spec.common_name = "provider";
  spec.not_before = absl::FromUnixSeconds(1'700'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  spec.key = kind;
  return testing::MakeIdentity(spec);
}

const Identity& P256() {
  static const Identity& key = *new Identity(Make(KeyKind::kP256));
  return key;
}

constexpr char kHeader[] = R"({"alg":"ES256","typ":"JWT","kid":"k"})";
constexpr char kClaims[] =
    R"({"iss":"https://i","aud":"masa","exp":1700000100,"sub":"ada"})";

std::string Token(const std::string& header, const std::string& claims) {
  return testing::SignToken(header, claims, P256());
}

TEST(Jwt, ReadsWhatAProviderSigns) {
  const std::string claims =
      R"({"iss":"https:\/\/i","aud":["x","masa"],"exp":1700000100.9,)"
      R"("nbf":1.7e9,"sub":"ada","groups":["a"],"n":{"m":null}})";
  const auto jwt = ParseJwt(Token(kHeader, claims));
  ASSERT_TRUE(jwt.ok()) << jwt.status();
  EXPECT_EQ(jwt->algorithm, SignatureAlgorithm::kEcdsaP256Sha256);
  EXPECT_EQ(jwt->key_id, "k");
  EXPECT_EQ(jwt->issuer, "https://i");
  EXPECT_EQ(jwt->audience, (std::vector<std::string>{"x", "masa"}));
  EXPECT_EQ(jwt->expires, absl::FromUnixSeconds(1'700'000'100));
  EXPECT_EQ(jwt->not_before, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_EQ(jwt->texts.size(), 1u);
  EXPECT_EQ(jwt->texts.at("sub"), "ada");
}

TEST(Jwt, VerifiesWithTheKeyOfTheSetAndNoOther) {
  const verification::BoringVerifier verifier;
  const struct {
    KeyKind kind;
    const char* alg;
  } kinds[] = {{KeyKind::kP256, "ES256"}, {KeyKind::kRsa2048, "RS256"}};
  for (const auto& c : kinds) {
    const Identity own = Make(c.kind), other = Make(c.kind);
    const auto keys = ParseJwks(JwksOf({JwkOf(own, "k"), JwkOf(other, "o")}));
    ASSERT_TRUE(keys.ok() && keys->size() == 2) << keys.status();
    const auto jwt = ParseJwt(testing::SignToken(
        absl::StrCat(R"({"alg":")", c.alg, R"(","kid":"k"})"), kClaims, own));
    ASSERT_TRUE(jwt.ok()) << jwt.status();
    const auto verify = [&](const Jwk& key) {
      EXPECT_EQ(key.algorithm, jwt->algorithm);
      return verifier.VerifySignature(jwt->algorithm, key.spki_der,
                                      jwt->signing_input, jwt->signature);
    };
    EXPECT_TRUE(verify((*keys)[0]).ok());
    EXPECT_FALSE(verify((*keys)[1]).ok());
  }
}

TEST(Jwt, RefusesAllElseWithoutAWordOfIt) {
  const std::string good = Token(kHeader, kClaims);
  ASSERT_TRUE(ParseJwt(good).ok());
  const std::string bad_headers[] = {
      R"({"alg":"none","kid":"k"})",
      R"({"alg":"HS256","kid":"k"})",
      R"({"alg":"ES384","kid":"k"})",
      R"({"alg":"PS256","kid":"k"})",
      R"({"alg":"es256","kid":"k"})",
      R"({"kid":"k"})",
      R"({"alg":"ES256"})",
      R"({"alg":"ES256","kid":""})",
      R"({"alg":"ES256","kid":7})",
      R"({"alg":"ES256","alg":"ES256","kid":"k"})",
      R"({"alg":"ES256","kid":"k","crit":["exp"]})",
      R"({"alg":"ES256","kid":"k","typ":"voucher-jws+json"})",
      R"(["alg","ES256"])",
      "",
  };
  for (const std::string& header : bad_headers) {
    EXPECT_EQ(ReasonOf(ParseJwt(Token(header, kClaims)).status()),
              Reason::kUnauthenticated)
        << header;
  }
  const std::string bad_claims[] = {
      R"({"aud":"masa","exp":1})",
      R"({"iss":"i","exp":1})",
      R"({"iss":"i","aud":"masa"})",
      R"({"iss":"i","aud":[],"exp":1})",
      R"({"iss":"i","aud":[1],"exp":1})",
      R"({"iss":7,"aud":"masa","exp":1})",
      R"({"iss":"i","aud":"masa","exp":"1"})",
      R"({"iss":"i","aud":"masa","exp":-1})",
      R"({"iss":"i","aud":"masa","exp":1e300})",
      R"({"iss":"i","aud":"masa","exp":1,"exp":2})",
      R"({"iss":"i","aud":"masa","exp":1,"nbf":null})",
      R"({"iss":"i","aud":"masa","exp":1}x)",
      "[]",
  };
  for (const std::string& claims : bad_claims) {
    const absl::Status status = ParseJwt(Token(kHeader, claims)).status();
    EXPECT_EQ(ReasonOf(status), Reason::kUnauthenticated) << claims;
    EXPECT_EQ(status.message().find("ada"), absl::string_view::npos);
  }
  const size_t dot = good.rfind('.');
  const std::string bad[] = {
      "",
      ".",
      "..",
      good.substr(0, dot),
      good + ".x",
      good + "=",
      good.substr(0, dot + 1),
      good.substr(0, good.size() - 2),
      good.substr(0, dot + 1) + Base64Url(std::string(65, 's')),
      Token(kHeader, absl::StrCat(kClaims, std::string(8192, ' '))),
  };
  for (const std::string& text : bad) {
    EXPECT_EQ(ReasonOf(ParseJwt(text).status()), Reason::kUnauthenticated)
        << text;
  }
}

TEST(Jwks, LeavesOutKeysForOtherThings) {
  const std::string key = JwkOf(P256(), "k");
  const auto with = [&key](const std::string& from, const std::string& to) {
    std::string text = key;
    return text.replace(text.find(from), from.size(), to);
  };
  const auto keys = ParseJwks(JwksOf(
      {R"({"kty":"oct","kid":"a","k":"AAAA"})", R"({"kty":"OKP","kid":"b"})",
       with(R"("kid":"k")", R"("x5c":["y"],"key_ops":["verify"])"),
       with(R"("kid":"k")", R"("kid":"e","use":"enc")"),
       with(R"("alg":"ES256")", R"("alg":"ECDH-ES")"), with("P-256", "P-384"),
       key}));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(keys->front().key_id, "k");
  EXPECT_TRUE(ParseJwks(R"({"keys":[],"more":{"a":[1]}})")->empty());
}

TEST(Jwks, RefusesWhatIsNoSet) {
  const std::string key = JwkOf(P256(), "k");
  std::vector<std::string> many;
  for (int i = 0; i < 65; ++i) {
    many.push_back(JwkOf(P256(), std::to_string(i)));
  }
  const std::string bad[] = {
      "",
      "{}",
      "[]",
      R"({"keys":{}})",
      R"({"keys":[7]})",
      R"({"keys":[],"keys":[]})",
      R"({"keys":[]}x)",
      JwksOf({key, key}),
      JwksOf({R"({"kty":"EC","crv":"P-256","kid":"k","x":"AQ","y":"AQ"})"}),
      JwksOf({R"({"kty":"EC","crv":"P-256","kid":"k"})"}),
      JwksOf({R"({"kty":"RSA","kid":"k","n":"","e":"AQAB"})"}),
      JwksOf({R"({"kty":"RSA","kid":"k","n":"AQ==","e":"AQAB"})"}),
      JwksOf(many),
      R"({"keys":[],"more":")" + std::string(256 * 1024, 'x') + "\"}",
  };
  for (const std::string& json : bad) {
    EXPECT_EQ(ReasonOf(ParseJwks(json).status()), Reason::kMalformed)
        << json.substr(0, 100);
  }
}

}  // namespace
}  // namespace masa::wire
