#include "services/signing/certificate_request.h"

#include "gtest/gtest.h"
#include "openssl/bytestring.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/x509.h"
#include "services/signing/private_key.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

std::string TextOf(const X509_NAME* name) {
  char* text = X509_NAME_oneline(name, nullptr, 0);
  std::string copy(text);
  OPENSSL_free(text);
  return copy;
}

TEST(CertificateRequest, IsSignedByItsOwnKeyWithEveryAlgorithm) {
  const auto name = NameDerOf("CN=voucher signer,O=ACME\\, Inc.,C=DE");
  ASSERT_TRUE(name.ok()) << name.status();
  for (const auto algorithm :
       {SignatureAlgorithm::kEcdsaP256Sha256,
        SignatureAlgorithm::kEcdsaP384Sha384,
        SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519}) {
    const auto key = MakePrivateKey(algorithm);
    ASSERT_TRUE(key.ok()) << key.status();
    const std::string info = EncodeRequestInfo(*name, SpkiDerOf(key->get()));
    const auto request =
        EncodeRequest(info, algorithm, *SignWith(key->get(), info));
    ASSERT_TRUE(request.ok()) << request.status();
    const auto* at = reinterpret_cast<const uint8_t*>(request->data());
    bssl::UniquePtr<X509_REQ> read(
        d2i_X509_REQ(nullptr, &at, static_cast<long>(request->size())));
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(X509_REQ_verify(read.get(), key->get()), 1);
    EXPECT_EQ(TextOf(X509_REQ_get_subject_name(read.get())),
              "/CN=voucher signer/O=ACME, Inc./C=DE");
  }
}

TEST(CertificateRequest, OnlyAWholeRequestOfThisKeyIsOne) {
  const auto key = MakePrivateKey(SignatureAlgorithm::kEcdsaP256Sha256);
  const auto other = MakePrivateKey(SignatureAlgorithm::kEcdsaP256Sha256);
  const std::string spki = SpkiDerOf(key->get());
  const std::string info = EncodeRequestInfo(*NameDerOf("CN=a"), spki);
  EXPECT_TRUE(IsRequestInfoOf(info, spki));
  EXPECT_FALSE(IsRequestInfoOf(info, SpkiDerOf(other->get())));
  EXPECT_FALSE(IsRequestInfoOf(info + "x", spki));
  EXPECT_FALSE(IsRequestInfoOf(info.substr(0, info.size() - 1), spki));
  EXPECT_FALSE(IsRequestInfoOf("", spki));
  EXPECT_FALSE(IsRequestInfoOf(spki, spki));
}

TEST(NameDerOf, RefusesWhatIsNoSubject) {
  for (const char* text :
       {"", "CN", "CN=", "=x", "X=y", "CN=a,", "CN=a,,O=b", "C=Germany"}) {
    EXPECT_EQ(ReasonOf(NameDerOf(text).status()), Reason::kInvalidArgument)
        << text;
  }
  EXPECT_FALSE(NameDerOf("CN=" + std::string(600, 'x')).ok());
}

}  // namespace
}  // namespace masa::signing
