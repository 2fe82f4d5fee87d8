#include "services/signing/pkcs11/mechanism.h"

#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"
#include "openssl/sha.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::signing {
namespace {

const uint8_t* Octets(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string Sha256(absl::string_view message) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Octets(message), message.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::string Sha384(absl::string_view message) {
  std::string digest(SHA384_DIGEST_LENGTH, '\0');
  SHA384(Octets(message), message.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::string DigestInfo(const std::string& digest) {
  uint8_t* octets = nullptr;
  size_t length = 0;
  int is_allocated = 0;
  if (RSA_add_pkcs1_prefix(&octets, &length, &is_allocated, NID_sha256,
                           Octets(digest), digest.size()) != 1) {
    return "";
  }
  std::string info(reinterpret_cast<const char*>(octets), length);
  if (is_allocated != 0) {
    OPENSSL_free(octets);
  }
  return info;
}

// Of r || s, by the octets of one of them.
absl::StatusOr<std::string> DerOf(const std::string& numbers,
                                  size_t half_octets) {
  if (numbers.size() != 2 * half_octets) {
    return HsmUnavailable("answered with a signature of another length");
  }
  return wire::EcdsaDerOfNumbers(numbers);
}

}  // namespace

CK_MECHANISM_TYPE MechanismFor(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return CKM_RSA_PKCS;
    case SignatureAlgorithm::kEd25519:
      return CKM_EDDSA;
    default:
      return CKM_ECDSA;
  }
}

std::string InputFor(SignatureAlgorithm algorithm, absl::string_view message) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return DigestInfo(Sha256(message));
    case SignatureAlgorithm::kEd25519:
      return std::string(message);
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return Sha384(message);
    default:
      return Sha256(message);
  }
}

absl::StatusOr<std::string> SignatureOf(SignatureAlgorithm algorithm,
                                        std::string answer) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      return DerOf(answer, 32);
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return DerOf(answer, 48);
    default:
      return answer;
  }
}

}  // namespace masa::signing
