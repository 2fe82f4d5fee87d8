#include "services/identity/token_issuers.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"
#include "services/testing/tokens.h"
#include "services/verification/boring_verifier.h"

namespace masa::identity {
namespace {

using testing::Identity;
using testing::JwkOf;
using testing::JwksOf;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

Identity Make(testing::KeyKind kind = testing::KeyKind::kP256) {
  testing::CertificateSpec spec;
  spec.common_name = "provider";
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  spec.key = kind;
  return testing::MakeIdentity(spec);
}

std::string Header(const std::string& kid, const std::string& alg = "ES256") {
  return absl::StrCat(R"({"alg":")", alg, R"(","kid":")", kid, R"("})");
}

struct Claims {
  std::string iss = "https://idp.example";
  std::string aud = "masa";
  int64_t exp = 600;  // seconds from now
  std::string more = R"("sub":"ada","org":"org-acme")";

  std::string Json() const {
    return absl::StrCat(R"({"iss":")", iss, R"(","aud":")", aud, R"(","exp":)",
                        absl::ToUnixSeconds(kNow) + exp, ",", more, "}");
  }
};

std::string At(const char* claim, int64_t seconds) {
  return absl::StrCat(R"("sub":"ada","org":"org-acme",")", claim, R"(":)",
                      absl::ToUnixSeconds(kNow) + seconds);
}

// One provider whose set of keys a test changes.
class Tokens : public ::testing::Test {
 protected:
  Tokens() {
    masa::v1::OidcIssuer& issuer = *issuers_.Add();
    issuer.set_issuer("https://idp.example");
    issuer.set_audience("masa");
    issuer.set_tenant_id("acme");
    issuer.set_organization_claim("org");
    Make();
  }

  void Make() {
    known_ = *TokenIssuers::Create(
        issuers_,
        [this](const masa::v1::OidcIssuer&) {
          return [this] {
            ++reads_;
            return jwks_;
          };
        },
        verifier_, clock_);
  }

  std::string Token(const Claims& claims = {}, const std::string& kid = "k") {
    return testing::SignToken(Header(kid), claims.Json(), key_);
  }
  Reason Refused(const std::string& token) {
    const auto caller = known_->Identify(token);
    EXPECT_FALSE(caller.ok());
    return ReasonOf(caller.status());
  }

  const Identity key_ = identity::Make();
  absl::StatusOr<std::string> jwks_ = JwksOf({JwkOf(key_, "k")});
  int reads_ = 0;
  testing::FakeClock clock_{kNow};
  const verification::BoringVerifier verifier_;
  google::protobuf::RepeatedPtrField<masa::v1::OidcIssuer> issuers_;
  std::unique_ptr<TokenIssuers> known_;
};

TEST_F(Tokens, AGoodOneNamesAPersonOfACustomer) {
  const auto caller = known_->Identify(Token());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->role, Role::kCustomer);
  EXPECT_EQ(caller->tenant_id, "acme");
  EXPECT_EQ(caller->organization_id, "org-acme");
  EXPECT_EQ(caller->username, "ada");
  EXPECT_FALSE(caller->is_service_account);
  // SE-11: what logs and events say of it is no name.
  EXPECT_TRUE(absl::StartsWith(caller->name, "account:"));
  EXPECT_FALSE(absl::StrContains(caller->name, "ada"));
}

TEST_F(Tokens, UserAndOrganisationComeFromWhereTheConfigurationSays) {
  masa::v1::OidcIssuer& issuer = *issuers_.Mutable(0);
  issuer.clear_organization_claim();
  issuer.set_organization_id("org-fixed");
  issuer.set_username_claim("email");
  Make();
  Claims claims;
  claims.more = R"("sub":"1","email":"ada@example","org":"org-acme")";
  const auto caller = known_->Identify(Token(claims));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->organization_id, "org-fixed");
  EXPECT_EQ(caller->username, "ada@example");
}

TEST_F(Tokens, TakesRs256AsWell) {
  const Identity rsa = identity::Make(testing::KeyKind::kRsa2048);
  jwks_ = JwksOf({JwkOf(rsa, "r")});
  Make();
  EXPECT_TRUE(known_
                  ->Identify(testing::SignToken(Header("r", "RS256"),
                                                Claims().Json(), rsa))
                  .ok());
}

TEST_F(Tokens, RefusesWhatTheTableSays) {
  const Identity other = identity::Make();
  const Identity rsa = identity::Make(testing::KeyKind::kRsa2048);
  const std::string good = Token();
  std::string changed = good;
  changed[good.find('.') + 5] ^= 1;
  const auto with_alg = [](const std::string& alg) {
    return absl::StrCat(testing::Base64Url(Header("k", alg)), ".",
                        testing::Base64Url(Claims().Json()), ".");
  };
  Claims foreign_issuer, foreign_audience, no_user, no_organization, not_text,
      long_name, control, late, early;
  foreign_issuer.iss = "https://idp.example/";
  foreign_audience.aud = "masa2";
  no_user.more = R"("org":"org-acme")";
  no_organization.more = R"("sub":"ada")";
  not_text.more = R"("sub":7,"org":"org-acme")";
  long_name.more =
      absl::StrCat(R"("org":"o","sub":")", std::string(257, 's'), "\"");
  control.more = R"("sub":"a\u0000b","org":"org-acme")";
  late.exp = -60;
  early.more = At("nbf", 61);
  const struct {
    const char* what;
    std::string token;
  } cases[] = {
      {"nothing", ""},
      {"no token", "Basic YTpi"},
      {"alg none", with_alg("none")},
      {"a MAC", with_alg("HS256") + testing::Base64Url(std::string(32, 'm'))},
      {"RS256 over a P-256 key",
       testing::SignToken(Header("k", "RS256"), Claims().Json(), rsa)},
      {"changed", changed},
      {"another key", testing::SignToken(Header("k"), Claims().Json(), other)},
      {"an unknown key", Token({}, "unknown")},
      {"another issuer", Token(foreign_issuer)},
      {"another audience", Token(foreign_audience)},
      {"no user", Token(no_user)},
      {"no organisation", Token(no_organization)},
      {"a user that is no text", Token(not_text)},
      {"a user of 257 octets", Token(long_name)},
      {"a user with a zero octet", Token(control)},
      {"expired", Token(late)},
      {"not valid yet", Token(early)},
  };
  for (const auto& c : cases) {
    const auto caller = known_->Identify(c.token);
    EXPECT_EQ(ReasonOf(caller.status()), Reason::kUnauthenticated) << c.what;
    EXPECT_FALSE(absl::StrContains(caller.status().message(), "ada"));
    EXPECT_TRUE(c.token.empty() ||
                !absl::StrContains(caller.status().message(), c.token));
  }
}

TEST_F(Tokens, ClocksMayDifferByTheLeeway) {
  Claims late, early;
  late.exp = -59;
  early.more = At("nbf", 60);
  EXPECT_TRUE(known_->Identify(Token(late)).ok());
  EXPECT_TRUE(known_->Identify(Token(early)).ok());
  issuers_.Mutable(0)->set_leeway_seconds(5);
  Make();
  EXPECT_FALSE(known_->Identify(Token(late)).ok());
  EXPECT_FALSE(known_->Identify(Token(early)).ok());
}

TEST_F(Tokens, AnIssuerIsNamedOnce) {
  *issuers_.Add() = issuers_.Get(0);
  const auto twice = TokenIssuers::Create(
      issuers_,
      [](const masa::v1::OidcIssuer&) {
        return [] { return absl::StatusOr<std::string>("{\"keys\":[]}"); };
      },
      verifier_, clock_);
  EXPECT_EQ(ReasonOf(twice.status()), Reason::kMisconfigured);
}

// However often it is asked for, an unknown key is looked for every 30 seconds.
TEST_F(Tokens, AnUnknownKeyIsLookedForAtABoundedRate) {
  EXPECT_EQ(reads_, 1);
  for (int i = 0; i < 10; ++i) {
    Refused(Token({}, "new"));
  }
  EXPECT_EQ(reads_, 1);
  jwks_ = JwksOf({JwkOf(key_, "new")});
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(known_->Identify(Token({}, "new")).ok());
  EXPECT_EQ(reads_, 2);
  Refused(Token());
  EXPECT_EQ(reads_, 2);
}

TEST_F(Tokens, WithdrawnKeysGoAndTheLastGoodSetStays) {
  Claims claims;
  claims.exp = 3600;
  jwks_ = Refuse(Reason::kOverloaded, "no answer");
  clock_.Advance(absl::Minutes(5));
  EXPECT_TRUE(known_->Identify(Token(claims)).ok());
  EXPECT_EQ(reads_, 2);
  jwks_ = std::string("no set");
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(known_->Identify(Token(claims)).ok());
  EXPECT_EQ(reads_, 3);
  jwks_ = std::string(R"({"keys":[]})");
  EXPECT_TRUE(known_->Identify(Token(claims)).ok());  // not asked yet
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(Refused(Token(claims)), Reason::kUnauthenticated);
}

TEST_F(Tokens, AClockThatStepsBackDelaysNoKey) {
  clock_.Advance(-absl::Hours(2));
  jwks_ = JwksOf({JwkOf(key_, "new")});
  EXPECT_TRUE(known_->Identify(Token({}, "new")).ok());
  EXPECT_EQ(reads_, 2);
}

// A provider that is away when the process starts is asked again.
TEST_F(Tokens, KeysMayComeLater) {
  jwks_ = Refuse(Reason::kOverloaded, "no answer");
  Make();
  EXPECT_EQ(Refused(Token()), Reason::kUnauthenticated);
  jwks_ = JwksOf({JwkOf(key_, "k")});
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(known_->Identify(Token()).ok());
}

}  // namespace
}  // namespace masa::identity
