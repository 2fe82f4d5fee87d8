// Runs the fuzzers' properties around good files: whole, cut at every length,
// and with every octet changed.
#include "services/masactl/offline/fuzz/properties.h"

#include <string>

#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/rand.h"
#include "services/masactl/offline/ceremony_plan.h"
#include "services/masactl/offline/key_shares.h"
#include "services/masactl/offline/pem_files.h"
#include "services/signing/certificate_request.h"
#include "services/signing/private_key.h"
#include "services/testing/test_pki.h"
#include "services/wire/fuzz/run_around.h"

namespace masa::masactl {
namespace {

using wire::RunAround;

TEST(OfflineProperties, HoldAroundAShare) {
  const auto key =
      signing::MakePrivateKey(SignatureAlgorithm::kEcdsaP256Sha256);
  const auto shares = SplitKey(key->get(), 2, 3, [](std::string* octets) {
    RAND_bytes(reinterpret_cast<uint8_t*>(octets->data()), octets->size());
  });
  ASSERT_TRUE(shares.ok()) << shares.status();
  const std::string text = ShareText(shares->front());
  ASSERT_TRUE(ParseShare(text).ok());
  RunAround(CheckShareText, text);
}

TEST(OfflineProperties, HoldAroundAPlan) {
  const std::string plan = R"(name: ACME roots 2027
held_at: "2027-01-31T12:00:00Z"
present: [key keeper, auditor]
root: {name: root, subject: "CN=ACME voucher root,O=ACME", algorithm: ed25519,
  serial_number: "01", not_before: "2027-01-31T00:00:00Z",
  not_after: "2057-01-31T00:00:00Z"}
signers:
  - name: signer
    subject: CN=ACME voucher signer 1,O=ACME
    algorithm: p256
    serial_number: ff02
    not_before: "2027-01-31T00:00:00Z"
    not_after: "2029-01-31T00:00:00Z"
    policy_oids: [1.3.6.1.4.1.99999.7]
)";
  ASSERT_TRUE(ParseCeremony(plan).ok()) << ParseCeremony(plan).status();
  RunAround(CheckPlanText, plan);
}

TEST(OfflineProperties, HoldAroundPlansThatAreNone) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("- a"),
        std::string("? [a]\n: b"), std::string("name: a\nname: b\nroot: {}"),
        std::string("a: &a [*a]"), std::string(20000, '['),
        std::string("\xef\xbb\xbfname: a"), std::string(1, '\0')}) {
    CheckPlanText(text);
    EXPECT_FALSE(ParseCeremony(text).ok()) << text.substr(0, 40);
  }
}

TEST(OfflineProperties, HoldAroundARequest) {
  const auto key = signing::MakePrivateKey(SignatureAlgorithm::kEd25519);
  const std::string info = signing::EncodeRequestInfo(
      *signing::NameDerOf("CN=x"), signing::SpkiDerOf(key->get()));
  const auto request = signing::EncodeRequest(
      info, SignatureAlgorithm::kEd25519, *signing::SignWith(key->get(), info));
  const std::string pem = PemOf("CERTIFICATE REQUEST", *request);
  ASSERT_TRUE(SpkiOfRequestPem("it", pem).ok());
  RunAround(CheckRequestPem, pem);
  // A request has the same three parts as a certificate.
  RunAround(CheckParts, *request);
}

TEST(OfflineProperties, HoldAroundASubject) {
  RunAround(CheckSubject, "CN=ACME\\, Inc.,O=\xc3\x84,OU=\\\\,C=DE");
}

TEST(OfflineProperties, HoldAroundACertificate) {
  testing::CertificateSpec spec;
  spec.common_name = "root";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(24);
  spec.is_ca = true;
  RunAround(CheckParts, testing::MakeIdentity(spec).CertificateDer());
}

}  // namespace
}  // namespace masa::masactl
