#include "services/wire/ecdsa_numbers.h"

#include "openssl/bn.h"
#include "openssl/ecdsa.h"
#include "openssl/mem.h"
#include "services/status/reason.h"

namespace masa::wire {

absl::StatusOr<std::string> EcdsaDerOfNumbers(absl::string_view numbers) {
  const auto bad = [] {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature's numbers cannot be read");
  };
  const auto* octets = reinterpret_cast<const uint8_t*>(numbers.data());
  const size_t half = numbers.size() / 2;
  bssl::UniquePtr<ECDSA_SIG> value(ECDSA_SIG_new());
  bssl::UniquePtr<BIGNUM> r(BN_bin2bn(octets, half, nullptr));
  bssl::UniquePtr<BIGNUM> s(BN_bin2bn(octets + half, half, nullptr));
  if (value == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(value.get(), r.get(), s.get()) != 1) {
    return bad();
  }
  (void)r.release();  // the value owns them now
  (void)s.release();
  uint8_t* der = nullptr;
  size_t length = 0;
  if (ECDSA_SIG_to_bytes(&der, &length, value.get()) != 1) {
    return bad();
  }
  std::string encoded(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return encoded;
}

absl::StatusOr<std::string> EcdsaNumbersOfDer(absl::string_view der,
                                              size_t half_octets) {
  const bssl::UniquePtr<ECDSA_SIG> value(ECDSA_SIG_from_bytes(
      reinterpret_cast<const uint8_t*>(der.data()), der.size()));
  std::string numbers(2 * half_octets, '\0');
  auto* out = reinterpret_cast<uint8_t*>(numbers.data());
  if (value == nullptr ||
      BN_bn2bin_padded(out, half_octets, ECDSA_SIG_get0_r(value.get())) != 1 ||
      BN_bn2bin_padded(out + half_octets, half_octets,
                       ECDSA_SIG_get0_s(value.get())) != 1) {
    return Refuse(Reason::kSignerUnavailable,
                  "the signer's answer is no ECDSA signature of its key");
  }
  return numbers;
}

}  // namespace masa::wire
