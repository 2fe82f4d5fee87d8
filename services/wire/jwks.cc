#include <algorithm>
#include <map>

#include "openssl/bn.h"
#include "openssl/bytestring.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/json_reader.h"
#include "services/wire/jwt.h"

namespace masa::wire {
namespace {

using Members = std::map<std::string, std::string, std::less<>>;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

std::string Member(const Members& members, absl::string_view name) {
  const auto found = members.find(std::string(name));
  return found == members.end() ? "" : found->second;
}

bssl::UniquePtr<BIGNUM> NumberIn(const Members& members,
                                 absl::string_view name) {
  const auto octets = DecodeBase64Url(Member(members, name));
  return octets && !octets->empty()
             ? bssl::UniquePtr<BIGNUM>(
                   BN_bin2bn(reinterpret_cast<const uint8_t*>(octets->data()),
                             octets->size(), nullptr))
             : nullptr;
}

bssl::UniquePtr<EVP_PKEY> RsaKey(const Members& members) {
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> n = NumberIn(members, "n");
  bssl::UniquePtr<BIGNUM> e = NumberIn(members, "e");
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (n == nullptr || e == nullptr ||
      RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr) != 1) {
    return nullptr;
  }
  n.release();
  e.release();
  return EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1 ? std::move(key)
                                                      : nullptr;
}

// The point is looked for on the curve.
bssl::UniquePtr<EVP_PKEY> P256Key(const Members& members) {
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  const bssl::UniquePtr<BIGNUM> x = NumberIn(members, "x");
  const bssl::UniquePtr<BIGNUM> y = NumberIn(members, "y");
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  return x != nullptr && y != nullptr &&
                 EC_KEY_set_public_key_affine_coordinates(ec.get(), x.get(),
                                                          y.get()) == 1 &&
                 EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1
             ? std::move(key)
             : nullptr;
}

std::string SpkiOf(EVP_PKEY* key) {
  bssl::ScopedCBB out;
  uint8_t* der = nullptr;
  size_t size = 0;
  if (key == nullptr || !CBB_init(out.get(), 0) ||
      !EVP_marshal_public_key(out.get(), key) ||
      !CBB_finish(out.get(), &der, &size)) {
    return "";
  }
  const bssl::UniquePtr<uint8_t> owner(der);
  return std::string(reinterpret_cast<const char*>(der), size);
}

// Takes one key's members that are strings.
bool TakeMembers(JsonReader* reader, Members* members) {
  return reader->TakeObject([reader, members](absl::string_view name) {
    if (reader->Next() != '"') {
      return reader->SkipValue();
    }
    std::string storage;
    absl::string_view value;
    if (!reader->TakeString(&value, &storage)) {
      return false;
    }
    members->emplace(std::string(name), std::string(value));
    return true;
  });
}

// Adds the key that `members` are, where it is for what is verified here.
absl::Status AddKey(const Members& members, std::vector<Jwk>* keys) {
  const std::string kid = Member(members, "kid"), kty = Member(members, "kty");
  const std::string use = Member(members, "use"), alg = Member(members, "alg");
  const bool rsa = kty == "RSA" && (alg.empty() || alg == "RS256");
  const bool p256 = kty == "EC" && Member(members, "crv") == "P-256" &&
                    (alg.empty() || alg == "ES256");
  if ((!rsa && !p256) || kid.empty() || (!use.empty() && use != "sig")) {
    return absl::OkStatus();
  }
  if (std::any_of(keys->begin(), keys->end(),
                  [&kid](const Jwk& one) { return one.key_id == kid; })) {
    return Malformed("the set has two keys of one kid");
  }
  const bssl::UniquePtr<EVP_PKEY> key =
      rsa ? RsaKey(members) : P256Key(members);
  const std::string spki_der = SpkiOf(key.get());
  if (spki_der.empty()) {
    return Malformed("the set has a key that is none");
  }
  keys->push_back({kid,
                   rsa ? SignatureAlgorithm::kRsaPkcs1Sha256
                       : SignatureAlgorithm::kEcdsaP256Sha256,
                   spki_der});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Jwk>> ParseJwks(absl::string_view json) {
  constexpr size_t kLongest = 256 * 1024, kMostKeys = 64;
  JsonReader reader(json);
  std::vector<Members> found;
  bool is_set = false;
  const bool read =
      json.size() <= kLongest && reader.TakeObject([&](absl::string_view name) {
        if (name != "keys") {
          return reader.SkipValue();
        }
        is_set = true;
        return reader.TakeArray([&] {
          return found.size() < kMostKeys &&
                 TakeMembers(&reader, &found.emplace_back());
        });
      });
  if (!read || !is_set || !reader.AtEnd()) {
    return Malformed("this is not a set of at most 64 keys (RFC 7517)");
  }
  std::vector<Jwk> keys;
  for (const Members& members : found) {
    MASA_RETURN_IF_ERROR(AddKey(members, &keys));
  }
  return keys;
}

}  // namespace masa::wire
