#include "services/testing/raw_sign.h"

#include <cstdlib>

#include "openssl/bn.h"
#include "openssl/digest.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/evp.h"

namespace masa::testing {
namespace {

void Need(bool holds) {
  if (!holds) {
    std::abort();
  }
}

size_t HalfOctets(const EVP_PKEY* key) { return (EVP_PKEY_bits(key) + 7) / 8; }

std::string Numbers(const std::string& der, size_t half) {
  const bssl::UniquePtr<ECDSA_SIG> value(ECDSA_SIG_from_bytes(
      reinterpret_cast<const uint8_t*>(der.data()), der.size()));
  std::string numbers(2 * half, '\0');
  auto* out = reinterpret_cast<uint8_t*>(numbers.data());
  Need(value != nullptr &&
       BN_bn2bin_padded(out, half, ECDSA_SIG_get0_r(value.get())) == 1 &&
       BN_bn2bin_padded(out + half, half, ECDSA_SIG_get0_s(value.get())) == 1);
  return numbers;
}

}  // namespace

RawSignature AlgorithmOf(const Identity& signer) {
  switch (EVP_PKEY_id(signer.key.get())) {
    case EVP_PKEY_RSA:
      return {"", "RS256", -257};
    case EVP_PKEY_ED25519:
      return {"", "EdDSA", -8};
    default:
      return EVP_PKEY_bits(signer.key.get()) == 384
                 ? RawSignature{"", "ES384", -35}
                 : RawSignature{"", "ES256", -7};
  }
}

RawSignature SignRaw(const std::string& message, const Identity& signer) {
  RawSignature made = AlgorithmOf(signer);
  EVP_PKEY* key = signer.key.get();
  const bool ed25519 = EVP_PKEY_id(key) == EVP_PKEY_ED25519;
  const EVP_MD* digest = ed25519                ? nullptr
                         : made.cose_alg == -35 ? EVP_sha384()
                                                : EVP_sha256();
  bssl::ScopedEVP_MD_CTX context;
  const auto* octets = reinterpret_cast<const uint8_t*>(message.data());
  size_t length = 0;
  Need(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
       EVP_DigestSign(context.get(), nullptr, &length, octets,
                      message.size()) == 1);
  made.octets.resize(length);
  Need(EVP_DigestSign(context.get(),
                      reinterpret_cast<uint8_t*>(made.octets.data()), &length,
                      octets, message.size()) == 1);
  made.octets.resize(length);
  if (EVP_PKEY_id(key) == EVP_PKEY_EC) {
    made.octets = Numbers(made.octets, HalfOctets(key));
  }
  return made;
}

}  // namespace masa::testing
