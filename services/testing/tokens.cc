#include "services/testing/tokens.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "openssl/bn.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/rsa.h"
#include "services/testing/raw_sign.h"

namespace masa::testing {
namespace {

std::string NumberText(const BIGNUM* number, size_t octets) {
  std::string text(octets, '\0');
  BN_bn2bin_padded(reinterpret_cast<uint8_t*>(text.data()), text.size(),
                   number);
  return Base64Url(text);
}

}  // namespace

std::string Base64Url(const std::string& octets) {
  std::string text = absl::WebSafeBase64Escape(octets);
  while (!text.empty() && text.back() == '=') {
    text.pop_back();
  }
  return text;
}

std::string SignToken(const std::string& header_json,
                      const std::string& claims_json, const Identity& signer) {
  const std::string input =
      absl::StrCat(Base64Url(header_json), ".", Base64Url(claims_json));
  return absl::StrCat(input, ".", Base64Url(SignRaw(input, signer).octets));
}

std::string JwkOf(const Identity& identity, const std::string& kid) {
  if (EVP_PKEY_id(identity.key.get()) == EVP_PKEY_RSA) {
    const RSA* rsa = EVP_PKEY_get0_RSA(identity.key.get());
    return absl::StrCat(
        R"({"kty":"RSA","use":"sig","kid":")", kid, R"(","n":")",
        NumberText(RSA_get0_n(rsa), BN_num_bytes(RSA_get0_n(rsa))),
        R"(","e":")", NumberText(RSA_get0_e(rsa), 3), R"("})");
  }
  constexpr size_t kOctets = 32;
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(identity.key.get());
  const bssl::UniquePtr<BIGNUM> x(BN_new()), y(BN_new());
  EC_POINT_get_affine_coordinates_GFp(EC_KEY_get0_group(ec),
                                      EC_KEY_get0_public_key(ec), x.get(),
                                      y.get(), nullptr);
  return absl::StrCat(R"({"kty":"EC","crv":"P-256","alg":"ES256","kid":")", kid,
                      R"(","x":")", NumberText(x.get(), kOctets), R"(","y":")",
                      NumberText(y.get(), kOctets), R"("})");
}

std::string JwksOf(const std::vector<std::string>& keys) {
  return absl::StrCat(R"({"keys":[)", absl::StrJoin(keys, ","), "]}");
}

}  // namespace masa::testing
