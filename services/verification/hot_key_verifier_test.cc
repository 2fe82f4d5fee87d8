#include "services/verification/hot_key_verifier.h"

#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/test_signer.h"

namespace masa::verification {
namespace {

using Algorithm = SignatureAlgorithm;

class CountingVerifier final : public Verifier {
 public:
  mutable int asked = 0;
  absl::Status VerifySignature(Algorithm algorithm, absl::string_view spki_der,
                               absl::string_view message,
                               absl::string_view signature) const override {
    ++asked;
    return inner_.VerifySignature(algorithm, spki_der, message, signature);
  }
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override {
    ++asked;
    return inner_.VerifyChain(question);
  }

 private:
  const BoringVerifier inner_{};
};

TEST(HotKeyVerifier, AsksNoFurtherForAKeyThatIsHot) {
  const CountingVerifier inner;
  const HotKeyVerifier verifier(inner, {.tables = 4, .earned_after = 3});
  const TestSigner signer;
  const std::string spki = signer.SpkiDer();
  for (int i = 0; i < 10; ++i) {
    const std::string message = "message " + std::to_string(i);
    EXPECT_TRUE(verifier
                    .VerifySignature(i % 2 == 0 ? Algorithm::kEcdsaP256Sha256
                                                : Algorithm::kEcdsaSha256,
                                     spki, message, signer.Sign(message))
                    .ok());
  }
  EXPECT_EQ(inner.asked, 3);
}

// Its refusals are those of the verifier behind, and earn nothing.
TEST(HotKeyVerifier, AsksBehindBeforeItRefuses) {
  const CountingVerifier inner;
  const HotKeyVerifier verifier(inner, {.tables = 4, .earned_after = 2});
  const TestSigner signer;
  const std::string spki = signer.SpkiDer();
  const std::string signature = signer.Sign("m");
  const auto refuses = [&](absl::string_view spki_der,
                           absl::string_view message) {
    return ReasonOf(verifier.VerifySignature(Algorithm::kEcdsaP256Sha256,
                                             spki_der, message, signature)) ==
           Reason::kSignatureInvalid;
  };
  const auto accepts = [&] {
    return verifier
        .VerifySignature(Algorithm::kEcdsaP256Sha256, spki, "m", signature)
        .ok();
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(refuses(spki, "n"));
  }
  EXPECT_TRUE(accepts());
  EXPECT_TRUE(accepts());
  EXPECT_EQ(inner.asked, 7);
  EXPECT_TRUE(accepts());
  EXPECT_EQ(inner.asked, 7) << "hot after two that held";
  EXPECT_TRUE(refuses(spki, "n"));
  EXPECT_TRUE(refuses(TestSigner().SpkiDer(), "m"));
  EXPECT_TRUE(refuses(spki + "x", "m"));
  EXPECT_EQ(inner.asked, 10);
}

// So do the certificates below it, of which each is asked once.
TEST(HotKeyVerifier, AnIssuerEarnsItsTableByCertificates) {
  const CountingVerifier inner;
  const HotKeyVerifier verifier(inner, {.tables = 4, .earned_after = 2});
  testing::CertificateSpec spec;
  spec.common_name = "issuer";
  spec.not_after = absl::UnixEpoch() + absl::Hours(24);
  spec.is_ca = true;
  const testing::Identity issuer = testing::MakeIdentity(spec);
  const TestSigner signer(issuer.key.get());
  spec.is_ca = false;
  for (int i = 1; i <= 3; ++i) {
    spec.common_name = "device " + std::to_string(i);
    EXPECT_TRUE(
        verifier
            .VerifyChain({testing::MakeIdentity(spec, &issuer).CertificateDer(),
                          {},
                          {issuer.CertificateDer()},
                          absl::UnixEpoch()})
            .ok());
  }
  EXPECT_TRUE(verifier
                  .VerifySignature(Algorithm::kEcdsaP256Sha256,
                                   signer.SpkiDer(), "m", signer.Sign("m"))
                  .ok());
  EXPECT_EQ(inner.asked, 0);
}

// A table answers for one digest and one curve.
TEST(HotKeyVerifier, PassesOtherAlgorithmsOn) {
  const CountingVerifier inner;
  const HotKeyVerifier verifier(inner, {.tables = 4, .earned_after = 1});
  const TestSigner signer;
  const TestSigner p384(NID_secp384r1);
  const std::string spki = signer.SpkiDer();
  const struct {
    const char* name;
    const TestSigner& signer;
    Algorithm algorithm;
    const EVP_MD* digest;
    bool accepted;
  } cases[] = {
      {"the hot key", signer, Algorithm::kEcdsaP256Sha256, EVP_sha256(), true},
      {"SHA-384", signer, Algorithm::kEcdsaSha384, EVP_sha384(), true},
      {"SHA-512", signer, Algorithm::kEcdsaSha512, EVP_sha512(), true},
      {"SHA-256 called SHA-384", signer, Algorithm::kEcdsaSha384, EVP_sha256(),
       false},
      {"SHA-384 called SHA-256", signer, Algorithm::kEcdsaSha256, EVP_sha384(),
       false},
      {"called P-384", signer, Algorithm::kEcdsaP384Sha384, EVP_sha384(),
       false},
      {"called RSA", signer, Algorithm::kRsaPkcs1Sha256, EVP_sha256(), false},
      {"P-384", p384, Algorithm::kEcdsaSha256, EVP_sha256(), true},
      {"P-384 called P-256", p384, Algorithm::kEcdsaP256Sha256, EVP_sha256(),
       false},
  };
  for (const auto& c : cases) {
    for (int i = 1; i <= 3; ++i) {
      inner.asked = 0;
      EXPECT_EQ(verifier
                    .VerifySignature(c.algorithm, c.signer.SpkiDer(), "m",
                                     c.signer.Sign("m", c.digest))
                    .ok(),
                c.accepted)
          << c.name;
      EXPECT_EQ(inner.asked, &c == &cases[0] && i > 1 ? 0 : 1) << c.name;
    }
  }
}

}  // namespace
}  // namespace masa::verification
