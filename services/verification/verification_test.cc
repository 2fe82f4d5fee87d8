#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "openssl/digest.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/rsa.h"
#include "openssl/x509.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/caching_verifier.h"

namespace masa::verification {
namespace {

using Algorithm = SignatureAlgorithm;

std::string Vector(const std::string& name) {
  std::ifstream file("services/verification/testdata/rfc8995/" + name,
                     std::ios::binary);
  const std::string pem((std::istreambuf_iterator<char>(file)), {});
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  bssl::UniquePtr<X509> cert(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  EXPECT_NE(cert, nullptr) << name;
  uint8_t* der = nullptr;
  const int length = i2d_X509(cert.get(), &der);
  std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

absl::Time Rfc8995Time() {
  return absl::FromCivil(absl::CivilSecond(2021, 4, 13, 21, 43, 30),
                         absl::UTCTimeZone());
}

bssl::UniquePtr<EVP_PKEY> EcKey(int curve) {
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(curve));
  EXPECT_EQ(EC_KEY_generate_key(ec.get()), 1);
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  return key;
}

bssl::UniquePtr<EVP_PKEY> RsaKey(int bits) {
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> e(BN_new());
  BN_set_word(e.get(), RSA_F4);
  EXPECT_EQ(RSA_generate_key_ex(rsa.get(), bits, e.get(), nullptr), 1);
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  EVP_PKEY_set1_RSA(key.get(), rsa.get());
  return key;
}

bssl::UniquePtr<EVP_PKEY> EdKey() {
  const uint8_t seed[32] = {7};
  return bssl::UniquePtr<EVP_PKEY>(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, seed, sizeof(seed)));
}

std::string SpkiOf(EVP_PKEY* key) {
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  std::string spki(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return spki;
}

std::string Sign(EVP_PKEY* key, const EVP_MD* digest, const std::string& text) {
  bssl::ScopedEVP_MD_CTX context;
  EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key);
  size_t length = EVP_PKEY_size(key) + 64;
  std::string signature(length, '\0');
  EXPECT_EQ(
      EVP_DigestSign(
          context.get(), reinterpret_cast<uint8_t*>(signature.data()), &length,
          reinterpret_cast<const uint8_t*>(text.data()), text.size()),
      1);
  signature.resize(length);
  return signature;
}

struct SignatureCase {
  const char* name;
  bssl::UniquePtr<EVP_PKEY> key;
  const EVP_MD* digest;
  Algorithm algorithm;
  bool accepted;
};

// RV-33: RSA of 2048 to 4096 bits beside the elliptic curves; SE-04: nothing
// smaller.
TEST(BoringVerifier, AcceptsTheAlgorithmsOfTheListAndNoOthers) {
  SignatureCase cases[] = {
      {"P-256", EcKey(NID_X9_62_prime256v1), EVP_sha256(),
       Algorithm::kEcdsaP256Sha256, true},
      {"P-384", EcKey(NID_secp384r1), EVP_sha384(), Algorithm::kEcdsaP384Sha384,
       true},
      {"P-384 with SHA-256", EcKey(NID_secp384r1), EVP_sha256(),
       Algorithm::kEcdsaSha256, true},
      {"P-521", EcKey(NID_secp521r1), EVP_sha512(), Algorithm::kEcdsaSha512,
       true},
      {"P-384 where P-256 is fixed", EcKey(NID_secp384r1), EVP_sha256(),
       Algorithm::kEcdsaP256Sha256, false},
      {"P-224", EcKey(NID_secp224r1), EVP_sha256(), Algorithm::kEcdsaSha256,
       false},
      {"RSA 2048", RsaKey(2048), EVP_sha256(), Algorithm::kRsaPkcs1Sha256,
       true},
      {"RSA 1024", RsaKey(1024), EVP_sha256(), Algorithm::kRsaPkcs1Sha256,
       false},
      {"Ed25519", EdKey(), nullptr, Algorithm::kEd25519, true},
      {"RSA key, ECDSA named", RsaKey(2048), EVP_sha256(),
       Algorithm::kEcdsaSha256, false},
  };
  const BoringVerifier verifier;
  for (const SignatureCase& c : cases) {
    const std::string spki = SpkiOf(c.key.get());
    const std::string signature = Sign(c.key.get(), c.digest, "a message");
    const absl::Status status =
        verifier.VerifySignature(c.algorithm, spki, "a message", signature);
    EXPECT_EQ(status.ok(), c.accepted) << c.name << ": " << status;
    EXPECT_EQ(ReasonOf(verifier.VerifySignature(c.algorithm, spki, "a massage",
                                                signature)),
              Reason::kSignatureInvalid)
        << c.name;
  }
}

TEST(BoringVerifier, RefusesAKeyThatDoesNotParse) {
  EXPECT_EQ(ReasonOf(BoringVerifier().VerifySignature(Algorithm::kEcdsaSha256,
                                                      "not a key", "m", "s")),
            Reason::kSignatureInvalid);
}

// RV-10: the registrar of RFC 8995 C.1.4 carries one critical EKU, cmcRA.
TEST(BoringVerifier, ChainsOfRfc8995HoldAtTheirTime) {
  const struct {
    const char* leaf;
    const char* anchor;
  } cases[] = {
      {"jrc_prime256v1.crt", "ownerca_secp384r1.crt"},
      {"masa.crt", "vendor.crt"},
      {"idevid_embedded_in_pvr.crt", "vendor.crt"},
      {"jrc_prime256v1.crt", "jrc_prime256v1.crt"},
  };
  for (const auto& c : cases) {
    const auto chain = BoringVerifier().VerifyChain(
        {Vector(c.leaf), {}, {Vector(c.anchor)}, Rfc8995Time()});
    ASSERT_TRUE(chain.ok()) << c.leaf << ": " << chain.status();
    EXPECT_EQ(chain->chain_der.front(), Vector(c.leaf));
    EXPECT_EQ(chain->chain_der.back(), Vector(c.anchor));
  }
}

// RV-32, PV-22.
TEST(BoringVerifier, ExpiryIsToldApartFromABrokenChain) {
  ChainQuestion question{Vector("jrc_prime256v1.crt"),
                         {},
                         {Vector("ownerca_secp384r1.crt")},
                         Rfc8995Time() + absl::Hours(24 * 365 * 5)};
  const BoringVerifier verifier;
  EXPECT_EQ(ReasonOf(verifier.VerifyChain(question).status()),
            Reason::kCertificateExpired);
  question.ignore_validity = true;
  EXPECT_TRUE(verifier.VerifyChain(question).ok());
  question.anchors_der = {Vector("vendor.crt")};
  EXPECT_EQ(ReasonOf(verifier.VerifyChain(question).status()),
            Reason::kChainInvalid);
  question.leaf_der += "x";
  EXPECT_EQ(ReasonOf(verifier.VerifyChain(question).status()),
            Reason::kChainInvalid);
}

class CountingVerifier final : public Verifier {
 public:
  mutable int asked = 0;
  absl::Status VerifySignature(Algorithm, absl::string_view, absl::string_view,
                               absl::string_view) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override {
    ++asked;
    return BoringVerifier().VerifyChain(question);
  }
};

TEST(CachingVerifier, AsksOncePerChainAndAgainAfterItsEnd) {
  const CountingVerifier inner;
  const CachingVerifier verifier(inner, 2);
  ChainQuestion question{Vector("jrc_prime256v1.crt"),
                         {},
                         {Vector("ownerca_secp384r1.crt")},
                         Rfc8995Time()};
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  question.at += absl::Hours(1);
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  EXPECT_EQ(inner.asked, 1);
  question.at += absl::Hours(24 * 365 * 5);
  EXPECT_FALSE(verifier.VerifyChain(question).ok());
  EXPECT_EQ(inner.asked, 2);
}

// A device's own leaf neither takes a place nor finds one.
TEST(CachingVerifier, DoesNotRememberWhatIsAskedOnce) {
  const CountingVerifier inner;
  const CachingVerifier verifier(inner, 2);
  ChainQuestion question{Vector("jrc_prime256v1.crt"),
                         {},
                         {Vector("ownerca_secp384r1.crt")},
                         Rfc8995Time()};
  question.asked_once = true;
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  EXPECT_EQ(inner.asked, 2);
}

TEST(CachingVerifier, NeverRemembersAFailureAndStaysBounded) {
  const CountingVerifier inner;
  const CachingVerifier verifier(inner, 1);
  const ChainQuestion bad{
      Vector("jrc_prime256v1.crt"), {}, {Vector("vendor.crt")}, Rfc8995Time()};
  EXPECT_FALSE(verifier.VerifyChain(bad).ok());
  EXPECT_FALSE(verifier.VerifyChain(bad).ok());
  EXPECT_EQ(inner.asked, 2);
  const ChainQuestion one{
      Vector("masa.crt"), {}, {Vector("vendor.crt")}, Rfc8995Time()};
  const ChainQuestion two{Vector("jrc_prime256v1.crt"),
                          {},
                          {Vector("ownerca_secp384r1.crt")},
                          Rfc8995Time()};
  EXPECT_TRUE(verifier.VerifyChain(one).ok());
  EXPECT_TRUE(verifier.VerifyChain(two).ok());
  EXPECT_TRUE(verifier.VerifyChain(one).ok());
  EXPECT_EQ(inner.asked, 5);
}

}  // namespace
}  // namespace masa::verification
