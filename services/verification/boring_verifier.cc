#include "services/verification/boring_verifier.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/verification/error_queue.h"
#include "services/verification/examine_chain.h"

namespace masa::verification {
namespace {

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 4096;

const uint8_t* Octets(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

struct Scheme {
  int key_type;              // EVP_PKEY_*
  std::optional<int> curve;  // NID, when the algorithm fixes it
  const EVP_MD* digest;      // null for Ed25519
};

Scheme SchemeOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      return {EVP_PKEY_EC, NID_X9_62_prime256v1, EVP_sha256()};
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return {EVP_PKEY_EC, NID_secp384r1, EVP_sha384()};
    case SignatureAlgorithm::kEcdsaSha256:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha256()};
    case SignatureAlgorithm::kEcdsaSha384:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha384()};
    case SignatureAlgorithm::kEcdsaSha512:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha512()};
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha256()};
    case SignatureAlgorithm::kRsaPkcs1Sha384:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha384()};
    case SignatureAlgorithm::kRsaPkcs1Sha512:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha512()};
    case SignatureAlgorithm::kEd25519:
      return {EVP_PKEY_ED25519, std::nullopt, nullptr};
  }
  return {EVP_PKEY_NONE, std::nullopt, nullptr};
}

// SE-04: the sizes within which a key is worth computing with.
absl::Status CheckKey(EVP_PKEY* key, const Scheme& scheme) {
  if (EVP_PKEY_id(key) != scheme.key_type) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature's algorithm does not fit the signer's key");
  }
  if (scheme.key_type == EVP_PKEY_RSA &&
      (EVP_PKEY_bits(key) < kMinRsaBits || EVP_PKEY_bits(key) > kMaxRsaBits)) {
    return Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("an RSA key of ", EVP_PKEY_bits(key),
                               " bits is outside 2048 to 4096"));
  }
  if (scheme.key_type != EVP_PKEY_EC) {
    return absl::OkStatus();
  }
  const EC_GROUP* group = EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key));
  const int curve = EC_GROUP_get_curve_name(group);
  if (curve == NID_secp224r1 || (scheme.curve && *scheme.curve != curve)) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signer's elliptic curve is not one of those accepted");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BoringVerifier::VerifySignature(
    SignatureAlgorithm algorithm, absl::string_view spki_der,
    absl::string_view message, absl::string_view signature) const {
  const ErrorQueueDrain drain;
  CBS spki;
  CBS_init(&spki, Octets(spki_der), spki_der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&spki));
  if (key == nullptr || CBS_len(&spki) != 0) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signer's public key is of no supported kind");
  }
  const Scheme scheme = SchemeOf(algorithm);
  MASA_RETURN_IF_ERROR(CheckKey(key.get(), scheme));
  bssl::ScopedEVP_MD_CTX context;
  if (EVP_DigestVerifyInit(context.get(), nullptr, scheme.digest, nullptr,
                           key.get()) != 1 ||
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(),
                       Octets(message), message.size()) != 1) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature does not verify with the signer's key");
  }
  return absl::OkStatus();
}

absl::StatusOr<VerifiedChain> BoringVerifier::VerifyChain(
    const ChainQuestion& question) const {
  return ExamineChain(question, parsed_);
}

}  // namespace masa::verification
