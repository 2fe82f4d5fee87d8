#include "services/masactl/offline/secret_sharing.h"

#include "openssl/mem.h"

namespace masa::masactl {
namespace {

// In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 section 4.2): eight steps
// whatever the factors are.
uint8_t Times(uint8_t a, uint8_t b) {
  uint8_t product = 0;
  for (int bit = 0; bit < 8; ++bit) {
    product ^= static_cast<uint8_t>(-(b & 1)) & a;
    const uint8_t carry = static_cast<uint8_t>(-(a >> 7)) & 0x1b;
    a = static_cast<uint8_t>(a << 1) ^ carry;
    b >>= 1;
  }
  return product;
}

// a^254; 0 for 0.
uint8_t Inverse(uint8_t a) {
  uint8_t power = a, result = 1;
  for (int bit = 1; bit < 8; ++bit) {
    power = Times(power, power);
    result = Times(result, power);
  }
  return result;
}

// By what the share at `index` counts for the value at 0 (Lagrange). Indices
// are no secrets.
uint8_t WeightOf(uint8_t index, absl::Span<const SecretShare> shares) {
  uint8_t weight = 1;
  for (const SecretShare& other : shares) {
    if (other.index != index) {
      weight = Times(weight, Times(other.index, Inverse(other.index ^ index)));
    }
  }
  return weight;
}

}  // namespace

std::vector<SecretShare> SplitSecret(const std::string& secret, int threshold,
                                     int shares, const FillRandom& random) {
  // The octets of the coefficient of x^(i+1), one for each of the secret.
  std::vector<std::string> coefficients(threshold - 1);
  for (std::string& coefficient : coefficients) {
    coefficient.resize(secret.size());
    random(&coefficient);
  }
  std::vector<SecretShare> made;
  for (int index = 1; index <= shares; ++index) {
    const auto x = static_cast<uint8_t>(index);
    SecretShare share{x, std::string(secret.size(), '\0')};
    for (size_t i = 0; i < secret.size(); ++i) {
      uint8_t value = 0;
      for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c) {
        value = Times(value, x) ^ static_cast<uint8_t>((*c)[i]);
      }
      share.octets[i] =
          static_cast<char>(Times(value, x) ^ static_cast<uint8_t>(secret[i]));
    }
    made.push_back(std::move(share));
  }
  for (std::string& coefficient : coefficients) {
    OPENSSL_cleanse(coefficient.data(), coefficient.size());
  }
  return made;
}

std::string CombineShares(absl::Span<const SecretShare> shares) {
  std::string secret(shares.empty() ? 0 : shares[0].octets.size(), '\0');
  for (const SecretShare& share : shares) {
    const uint8_t weight = WeightOf(share.index, shares);
    for (size_t i = 0; i < secret.size(); ++i) {
      secret[i] = static_cast<char>(
          static_cast<uint8_t>(secret[i]) ^
          Times(weight, static_cast<uint8_t>(share.octets[i])));
    }
  }
  return secret;
}

}  // namespace masa::masactl
