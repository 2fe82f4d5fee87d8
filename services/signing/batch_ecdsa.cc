#include "services/signing/batch_ecdsa.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/sha.h"
#include "services/signing/batch_ecdsa_for_testing.h"
#include "services/status/reason.h"
#include "services/wire/ecdsa_numbers.h"

// The BoringSSL whose internal functions were read for this file.
#ifndef MASA_EXAMINED_BORINGSSL_API
#define MASA_EXAMINED_BORINGSSL_API 17
#endif

#if BORINGSSL_API_VERSION == MASA_EXAMINED_BORINGSSL_API
#include "src/crypto/fipsmodule/bn/internal.h"
#include "src/crypto/fipsmodule/ec/internal.h"
#include "src/crypto/internal.h"

namespace masa::signing {
namespace {

constexpr size_t kScalarOctets = 32;
// Signatures that share their inversions: more would gain less than 1 %.
constexpr size_t kMostAtOnce = 128;

using NonceSource =
    absl::FunctionRef<bool(const Sha256Digest& digest, EC_SCALAR* nonce)>;
using Digests = absl::Span<const Sha256Digest>;

// All that is secret while a batch is made, zeroed at the end. A point's
// Jacobian coordinates are as secret as its nonce. "Montgomery" is BoringSSL's
// form of numbers that are about to be multiplied.
struct Secrets {
  ~Secrets() { OPENSSL_cleanse(this, sizeof(*this)); }

  EC_SCALAR private_number;       // Montgomery
  EC_SCALAR nonces[kMostAtOnce];  // Montgomery
  // Of each nonce and those before it, then the inverse of each; Montgomery.
  EC_SCALAR products[kMostAtOnce];
  EC_SCALAR inverse, sum;            // of one step
  EC_RAW_POINT points[kMostAtOnce];  // nonce times generator
  EC_AFFINE affine[kMostAtOnce];
};

// As ECDSA_do_sign draws it: randomness hedged with the key and the digest, so
// that neither a weak generator nor a cloned machine repeats a nonce.
bool DrawNonce(const EC_KEY* key, const Sha256Digest& digest,
               EC_SCALAR* nonce) {
  uint8_t hedge[SHA512_DIGEST_LENGTH];
  SHA512_CTX hash;
  SHA512_Init(&hash);
  SHA512_Update(&hash, key->priv_key->scalar.words, kScalarOctets);
  SHA512_Update(&hash, digest.data(), digest.size());
  SHA512_Final(hedge, &hash);
  const bool drawn =
      ec_random_nonzero_scalar(EC_KEY_get0_group(key), nonce, hedge) == 1;
  OPENSSL_cleanse(&hash, sizeof(hash));
  OPENSSL_cleanse(hedge, sizeof(hedge));
  return drawn;
}

// Turns products[0, count) into the inverses of nonces[0, count).
void InvertNonces(const EC_GROUP* group, size_t count, Secrets* secrets) {
  EC_SCALAR* const products = secrets->products;
  EC_SCALAR* const inverse = &secrets->inverse;
  products[0] = secrets->nonces[0];
  for (size_t i = 1; i < count; ++i) {
    ec_scalar_mul_montgomery(group, &products[i], &products[i - 1],
                             &secrets->nonces[i]);
  }
  ec_scalar_inv0_montgomery(group, inverse, &products[count - 1]);
  for (size_t i = count - 1; i > 0; --i) {
    // `inverse` is that of the product of nonces 0 to i.
    ec_scalar_mul_montgomery(group, &products[i], inverse, &products[i - 1]);
    ec_scalar_mul_montgomery(group, inverse, inverse, &secrets->nonces[i]);
  }
  products[0] = *inverse;
}

// The number below twice the order that these octets are, modulo the order.
EC_SCALAR Reduced(const EC_GROUP* group, const uint8_t* octets) {
  BN_ULONG words[EC_MAX_WORDS];
  EC_SCALAR scalar = {};
  bn_big_endian_to_words(words, group->order.width, octets, kScalarOctets);
  bn_reduce_once(scalar.words, words, /*carry=*/0, group->order.d,
                 group->order.width);
  return scalar;
}

// Finishes signature `i` of the batch: s = (digest + r * key) / nonce. False
// when r or s is zero, and the nonce must be another.
bool Finish(const EC_GROUP* group, const Sha256Digest& digest, size_t i,
            Secrets* secrets, EcdsaNumbers* numbers) {
  size_t length = 0;
  uint8_t* const octets = numbers->data();
  ec_felem_to_bytes(group, octets, &length, &secrets->affine[i].X);
  EC_SCALAR r = Reduced(group, octets);
  const EC_SCALAR hashed = Reduced(group, digest.data());
  EC_SCALAR* const sum = &secrets->sum;
  ec_scalar_mul_montgomery(group, sum, &secrets->private_number, &r);
  ec_scalar_add(group, sum, sum, &hashed);
  EC_SCALAR s;
  ec_scalar_mul_montgomery(group, &s, sum, &secrets->products[i]);
  CONSTTIME_DECLASSIFY(r.words, kScalarOctets);
  CONSTTIME_DECLASSIFY(s.words, kScalarOctets);
  ec_scalar_to_bytes(group, octets, &length, &r);
  ec_scalar_to_bytes(group, octets + kScalarOctets, &length, &s);
  return !ec_scalar_is_zero(group, &r) && !ec_scalar_is_zero(group, &s);
}

// Signs at most kMostAtOnce digests.
bool SignSome(const EC_GROUP* group, Digests digests, NonceSource draw,
              Secrets* secrets, EcdsaNumbers* signatures) {
  for (size_t i = 0; i < digests.size(); ++i) {
    EC_SCALAR* const nonce = &secrets->nonces[i];
    if (!draw(digests[i], nonce) ||
        !ec_point_mul_scalar_base(group, &secrets->points[i], nonce)) {
      return false;
    }
    ec_scalar_to_montgomery(group, nonce, nonce);
  }
  // The method of P-256 has no batches, and the same form of numbers.
  if (!EC_GFp_mont_method()->jacobian_to_affine_batch(
          group, secrets->affine, secrets->points, digests.size())) {
    return false;
  }
  InvertNonces(group, digests.size(), secrets);
  std::vector<size_t> again;
  for (size_t i = 0; i < digests.size(); ++i) {
    if (!Finish(group, digests[i], i, secrets, &signatures[i])) {
      again.push_back(i);
    }
  }
  return std::all_of(again.begin(), again.end(), [&](size_t i) {
    return SignSome(group, digests.subspan(i, 1), draw, secrets,
                    &signatures[i]);
  });
}

absl::StatusOr<std::vector<EcdsaNumbers>> SignAll(const EC_KEY* key,
                                                  Digests digests,
                                                  NonceSource draw) {
  const auto secrets = std::make_unique<Secrets>();
  ec_scalar_to_montgomery(key->group, &secrets->private_number,
                          &key->priv_key->scalar);
  std::vector<EcdsaNumbers> signatures(digests.size());
  for (size_t first = 0; first < digests.size(); first += kMostAtOnce) {
    if (!SignSome(key->group, digests.subspan(first, kMostAtOnce), draw,
                  secrets.get(), &signatures[first])) {
      ERR_clear_error();
      return Refuse(Reason::kSignerUnavailable, "the signatures failed");
    }
  }
  return signatures;
}

// Whether the key is one that this file knows how to sign with: its private
// number at hand, and field elements in the form of EC_GFp_mont_method.
bool IsForBatches(EVP_PKEY* pkey) {
  const EC_KEY* key =
      EVP_PKEY_id(pkey) == EVP_PKEY_EC ? EVP_PKEY_get0_EC_KEY(pkey) : nullptr;
  return key != nullptr && key->ecdsa_meth == nullptr &&
         key->priv_key != nullptr &&
         EC_GROUP_get_curve_name(key->group) == NID_X9_62_prime256v1 &&
         key->group->meth->felem_mul == ec_GFp_mont_felem_mul;
}

}  // namespace

BatchEcdsa::BatchEcdsa(EVP_PKEY* key) : key_(bssl::UpRef(key)) {}

std::unique_ptr<BatchEcdsa> BatchEcdsa::New(EVP_PKEY* key) {
  if (!IsForBatches(key)) {
    return nullptr;
  }
  std::unique_ptr<BatchEcdsa> batch(new BatchEcdsa(key));
  return batch->PassesSelfTest() ? std::move(batch) : nullptr;
}

absl::StatusOr<std::vector<EcdsaNumbers>> BatchEcdsa::Sign(
    absl::Span<const Sha256Digest> digests) const {
  const EC_KEY* key = EVP_PKEY_get0_EC_KEY(key_.get());
  return SignAll(key, digests,
                 [key](const Sha256Digest& digest, EC_SCALAR* nonce) {
                   return DrawNonce(key, digest, nonce);
                 });
}

bool BatchEcdsa::PassesSelfTest() const {
  const std::vector<Sha256Digest> digests(3, Sha256Digest{1});
  const auto signatures = Sign(digests);
  std::set<EcdsaNumbers> different;
  for (size_t i = 0; signatures.ok() && i < digests.size(); ++i) {
    const EcdsaNumbers& numbers = (*signatures)[i];
    const std::string der = wire::EcdsaDerOfNumbers(absl::string_view(
        reinterpret_cast<const char*>(numbers.data()), numbers.size()));
    if (ECDSA_verify(0, digests[i].data(), digests[i].size(),
                     reinterpret_cast<const uint8_t*>(der.data()), der.size(),
                     EVP_PKEY_get0_EC_KEY(key_.get())) == 1) {
      different.insert(numbers);
    }
  }
  ERR_clear_error();
  // The same digest three times: only fresh nonces make three signatures.
  return different.size() == digests.size();
}

absl::StatusOr<std::vector<EcdsaNumbers>>
SignBatchWithNoncesAndLeakPrivateKeyForTesting(
    EVP_PKEY* key, absl::Span<const Sha256Digest> digests,
    absl::Span<const Sha256Digest> nonces) {
  const EC_KEY* ec_key = EVP_PKEY_get0_EC_KEY(key);
  return SignAll(ec_key, digests, [&](const Sha256Digest&, EC_SCALAR* nonce) {
    if (nonces.empty() ||
        !ec_scalar_from_bytes(ec_key->group, nonce, nonces[0].data(),
                              nonces[0].size())) {
      return false;
    }
    nonces.remove_prefix(1);
    return true;
  });
}

}  // namespace masa::signing

#else  // another BoringSSL: nothing is known of its internal functions

namespace masa::signing {

BatchEcdsa::BatchEcdsa(EVP_PKEY* key) : key_(bssl::UpRef(key)) {}

std::unique_ptr<BatchEcdsa> BatchEcdsa::New(EVP_PKEY* key) { return nullptr; }

absl::StatusOr<std::vector<EcdsaNumbers>> BatchEcdsa::Sign(
    absl::Span<const Sha256Digest> digests) const {
  return Refuse(Reason::kSignerUnavailable, "no batches with this BoringSSL");
}

}  // namespace masa::signing

#endif
