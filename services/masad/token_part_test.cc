// Providers' keys as a configuration names them: from a file, and over a real
// socket on the loopback.
#include "services/masad/token_part.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/fetch/test_server.h"
#include "services/status/reason.h"
#include "services/testing/tokens.h"

namespace masa::masad {
namespace {

testing::Identity Provider() {
  testing::CertificateSpec spec;
  spec.common_name = "provider";
  spec.not_before = absl::Now();
  spec.not_after = absl::Now() + absl::Hours(1);
  return testing::MakeIdentity(spec);
}

class TokenPartTest : public ::testing::Test {
 protected:
  TokenPartTest() {
    setup_.folder = ::testing::TempDir();
    issuer_.set_issuer("https://idp.example");
    issuer_.set_audience("masa");
    issuer_.set_tenant_id("acme");
    issuer_.set_organization_id("org-acme");
  }

  absl::StatusOr<identity::Principal> Identified() {
    auto part = TokenPart::New(setup_);
    EXPECT_TRUE(part.ok() && *part != nullptr) << part.status();
    return (*part)->Authenticate()(testing::SignToken(
        R"({"alg":"ES256","kid":"k"})",
        absl::StrCat(R"({"iss":"https://idp.example","aud":"masa","exp":)",
                     absl::ToUnixSeconds(absl::Now()) + 600,
                     R"(,"sub":"ada"})"),
        provider_));
  }

  const testing::Identity provider_ = Provider();
  const std::string jwks_ = testing::JwksOf({testing::JwkOf(provider_, "k")});
  masad::Setup setup_;
  masa::v1::OidcIssuer& issuer_ =
      *setup_.config.mutable_authority()->add_oidc();
};

TEST_F(TokenPartTest, KeysComeFromAFileBesideTheConfiguration) {
  std::ofstream(setup_.folder + "/keys.json") << jwks_;
  issuer_.set_jwks_file("keys.json");
  const auto caller = Identified();
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->username, "ada");
  EXPECT_EQ(caller->organization_id, "org-acme");
}

TEST_F(TokenPartTest, KeysComeFromTheLoopback) {
  fetch::TestServer server(
      [this](const std::string&) { return fetch::Ok(jwks_); });
  issuer_.set_jwks_url(server.url() + "/keys");
  const auto caller = Identified();
  EXPECT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(server.asked(), 1);
}

// An operator's own provider, whose certificate the operator has at hand.
TEST_F(TokenPartTest, KeysComeOverTls) {
  testing::CertificateSpec spec;
  spec.common_name = "idp";
  spec.is_ca = true;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.subject_alternative_names = {"IP:127.0.0.1"};
  const testing::Identity server_identity = testing::MakeIdentity(spec);
  fetch::TestServer server(
      [this](const std::string&) { return fetch::Ok(jwks_); }, server_identity);
  issuer_.set_jwks_url(server.url() + "/keys");
  issuer_.add_jwks_networks("127.0.0.0/8");
  // The machine's own anchors do not know it.
  EXPECT_EQ(ReasonOf(Identified().status()), Reason::kUnauthenticated);
  std::ofstream(setup_.folder + "/idp.pem") << server_identity.CertificatePem();
  issuer_.set_jwks_ca_file("idp.pem");
  const auto caller = Identified();
  EXPECT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(server.asked(), 1);
}

// TEST-NET-1, which is nowhere, and would not be asked if it were.
TEST_F(TokenPartTest, KeysComeFromNowhereElse) {
  issuer_.set_jwks_url("http://192.0.2.1/keys");
  EXPECT_EQ(ReasonOf(Identified().status()), Reason::kUnauthenticated);
}

TEST_F(TokenPartTest, ThereIsNoneWithoutProviders) {
  setup_.config.mutable_authority()->clear_oidc();
  const auto part = TokenPart::New(setup_);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(*part, nullptr);
}

TEST_F(TokenPartTest, AWrongNetworkIsSaidAtStart) {
  issuer_.set_jwks_url("http://127.0.0.1/keys");
  issuer_.add_jwks_networks("ten");
  EXPECT_EQ(ReasonOf(TokenPart::New(setup_).status()), Reason::kMisconfigured);
}

}  // namespace
}  // namespace masa::masad
