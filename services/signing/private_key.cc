#include "services/signing/private_key.h"

#include "openssl/bio.h"
#include "openssl/bn.h"
#include "openssl/bytestring.h"
#include "openssl/cipher.h"
#include "openssl/digest.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/rand.h"
#include "openssl/rsa.h"
#include "services/signing/der_builder.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr int kRsaBits = 3072;
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 4096;

bssl::UniquePtr<EVP_PKEY> MakeEc(int curve) {
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(curve));
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  return ec != nullptr && EC_KEY_generate_key(ec.get()) == 1 &&
                 EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1
             ? std::move(key)
             : nullptr;
}

bssl::UniquePtr<EVP_PKEY> MakeRsa() {
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> exponent(BN_new());
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  return BN_set_word(exponent.get(), RSA_F4) == 1 &&
                 RSA_generate_key_ex(rsa.get(), kRsaBits, exponent.get(),
                                     nullptr) == 1 &&
                 EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1
             ? std::move(key)
             : nullptr;
}

bssl::UniquePtr<EVP_PKEY> MakeEd25519() {
  uint8_t seed[32];
  RAND_bytes(seed, sizeof(seed));
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, seed, sizeof(seed)));
  OPENSSL_cleanse(seed, sizeof(seed));
  return key;
}

}  // namespace

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> MakePrivateKey(
    SignatureAlgorithm algorithm) {
  bssl::UniquePtr<EVP_PKEY> key;
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      key = MakeEc(NID_X9_62_prime256v1);
      break;
    case SignatureAlgorithm::kEcdsaP384Sha384:
      key = MakeEc(NID_secp384r1);
      break;
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      key = MakeRsa();
      break;
    case SignatureAlgorithm::kEd25519:
      key = MakeEd25519();
      break;
    default:
      return Refuse(Reason::kInvalidArgument,
                    "keys are of P-256, P-384, RSA or Ed25519");
  }
  ERR_clear_error();
  if (key == nullptr) {
    return Refuse(Reason::kSignerUnavailable, "the key could not be made");
  }
  return key;
}

bssl::UniquePtr<EVP_PKEY> ReadPrivateKeyPem(const std::string& pem,
                                            const std::string& passphrase) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  // An empty passphrase keeps BoringSSL from asking at the terminal.
  bssl::UniquePtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(
      bio.get(), nullptr, nullptr, const_cast<char*>(passphrase.c_str())));
  ERR_clear_error();
  return key;
}

bool IsEncryptedPem(const std::string& pem) {
  return pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != std::string::npos;
}

std::string PrivateKeyPem(EVP_PKEY* key, const std::string& passphrase) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  const int written = PEM_write_bio_PKCS8PrivateKey(
      bio.get(), key, cipher, const_cast<char*>(passphrase.data()),
      static_cast<int>(passphrase.size()), nullptr, nullptr);
  const uint8_t* octets = nullptr;
  size_t length = 0;
  ERR_clear_error();
  if (written != 1 || BIO_mem_contents(bio.get(), &octets, &length) != 1) {
    return "";
  }
  return std::string(reinterpret_cast<const char*>(octets), length);
}

std::string PrivateKeyDer(const EVP_PKEY* key) {
  bssl::ScopedCBB cbb;  // BoringSSL overwrites what it frees
  return CBB_init(cbb.get(), 128) == 1 &&
                 EVP_marshal_private_key(cbb.get(), key) == 1
             ? Finished(cbb.get())
             : "";
}

std::string SpkiDerOf(const EVP_PKEY* key) {
  bssl::ScopedCBB cbb;
  return CBB_init(cbb.get(), 128) == 1 &&
                 EVP_marshal_public_key(cbb.get(), key) == 1
             ? Finished(cbb.get())
             : "";
}

absl::StatusOr<SignatureAlgorithm> AlgorithmOf(const EVP_PKEY* key) {
  if (EVP_PKEY_id(key) == EVP_PKEY_EC) {
    switch (
        EC_GROUP_get_curve_name(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key)))) {
      case NID_X9_62_prime256v1:
        return SignatureAlgorithm::kEcdsaP256Sha256;
      case NID_secp384r1:
        return SignatureAlgorithm::kEcdsaP384Sha384;
    }
  }
  if (EVP_PKEY_id(key) == EVP_PKEY_RSA && EVP_PKEY_bits(key) >= kLeastRsaBits &&
      EVP_PKEY_bits(key) <= kMostRsaBits) {
    return SignatureAlgorithm::kRsaPkcs1Sha256;
  }
  if (EVP_PKEY_id(key) == EVP_PKEY_ED25519) {
    return SignatureAlgorithm::kEd25519;
  }
  return Refuse(Reason::kMisconfigured,
                "only P-256, P-384, Ed25519, and RSA keys of 2048 to 4096 bits "
                "are supported");
}

absl::StatusOr<std::string> SignWith(EVP_PKEY* key, absl::string_view message) {
  MASA_ASSIGN_OR_RETURN(const SignatureAlgorithm algorithm, AlgorithmOf(key));
  const EVP_MD* digest = algorithm == SignatureAlgorithm::kEd25519 ? nullptr
                         : algorithm == SignatureAlgorithm::kEcdsaP384Sha384
                             ? EVP_sha384()
                             : EVP_sha256();
  bssl::ScopedEVP_MD_CTX context;
  std::string signature(EVP_PKEY_size(key), '\0');
  size_t length = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(),
                     reinterpret_cast<uint8_t*>(signature.data()), &length,
                     reinterpret_cast<const uint8_t*>(message.data()),
                     message.size()) != 1) {
    ERR_clear_error();
    return Refuse(Reason::kSignerUnavailable, "the signature failed");
  }
  signature.resize(length);
  return signature;
}

}  // namespace masa::signing
