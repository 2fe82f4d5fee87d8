#include "services/verification/p256_table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/nid.h"

// A new version may mean something else by the same names: compare
// ecdsa_do_verify_no_self_test and ecp_nistz256_points_mul_public first.
#if defined(OPENSSL_X86_64) && BORINGSSL_API_VERSION == 17

#include "crypto/fipsmodule/bn/internal.h"
#include "crypto/fipsmodule/ec/internal.h"
#include "crypto/fipsmodule/ec/p256-nistz.h"
#include "openssl/ecdsa.h"

namespace masa::verification {
namespace {

// A scalar is written as 37 digits of 7 bits with a sign; a row holds what each
// digit but zero stands for, from 1 to 64 units of its place.
constexpr size_t kDigits = 37;
constexpr size_t kUnits = 64;
constexpr int kDigitBits = 7;

using Felem = std::array<BN_ULONG, P256_LIMBS>;  // in Montgomery form

// The library's static group; never freed.
const EC_GROUP* P256() {
  static const EC_GROUP* const group =
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return group;
}

EC_RAW_POINT RawOf(const P256_POINT& point) {
  EC_RAW_POINT raw{};
  std::memcpy(raw.X.words, point.X, sizeof(point.X));
  std::memcpy(raw.Y.words, point.Y, sizeof(point.Y));
  std::memcpy(raw.Z.words, point.Z, sizeof(point.Z));
  return raw;
}

// Row after row.
std::vector<P256_POINT> MultiplesOf(const EC_RAW_POINT& point) {
  std::vector<P256_POINT> multiples(kDigits * kUnits);
  alignas(32) P256_POINT unit;
  std::memcpy(unit.X, point.X.words, sizeof(unit.X));
  std::memcpy(unit.Y, point.Y.words, sizeof(unit.Y));
  std::memcpy(unit.Z, point.Z.words, sizeof(unit.Z));
  for (size_t first = 0; first < multiples.size(); first += kUnits) {
    multiples[first] = unit;
    for (size_t i = first + 1; i < first + kUnits; ++i) {
      ecp_nistz256_point_add(&multiples[i], &multiples[i - 1], &unit);
    }
    for (int i = 0; i < kDigitBits; ++i) {
      ecp_nistz256_point_double(&unit, &unit);
    }
  }
  return multiples;
}

// The inverse of every Z by one inversion, that of their product. None is
// zero: no multiple by less than the order is the point at infinity.
std::vector<Felem> InverseZs(const std::vector<P256_POINT>& points) {
  std::vector<Felem> inverses(points.size());
  Felem product;
  std::memcpy(product.data(), P256()->one.words, sizeof(product));
  for (size_t i = 0; i < points.size(); ++i) {
    inverses[i] = product;
    ecp_nistz256_mul_mont(product.data(), product.data(), points[i].Z);
  }
  Felem rest;
  bn_mod_inverse0_prime_mont_small(rest.data(), product.data(), P256_LIMBS,
                                   P256()->mont);
  for (size_t i = points.size(); i-- > 0;) {
    ecp_nistz256_mul_mont(inverses[i].data(), inverses[i].data(), rest.data());
    ecp_nistz256_mul_mont(rest.data(), rest.data(), points[i].Z);
  }
  return inverses;
}

P256_POINT_AFFINE AffineOf(const P256_POINT& point, const Felem& z_inverse) {
  P256_POINT_AFFINE affine;
  Felem power;
  ecp_nistz256_sqr_mont(power.data(), z_inverse.data());
  ecp_nistz256_mul_mont(affine.X, point.X, power.data());
  ecp_nistz256_mul_mont(power.data(), power.data(), z_inverse.data());
  ecp_nistz256_mul_mont(affine.Y, point.Y, power.data());
  return affine;
}

// From -63 to 64 each, lowest first.
std::array<int, kDigits> DigitsOf(const EC_SCALAR& scalar) {
  std::array<uint8_t, 33> octets{};
  std::memcpy(octets.data(), scalar.words, 32);
  std::array<int, kDigits> digits;
  int carry = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    const size_t bit = i * kDigitBits;
    const int two_octets = octets[bit / 8] | octets[bit / 8 + 1] << 8;
    const int digit = ((two_octets >> (bit % 8)) & 127) + carry;
    carry = digit > 64 ? 1 : 0;
    digits[i] = digit - 128 * carry;
  }
  return digits;
}

}  // namespace

class P256Table::Multiples {
 public:
  explicit Multiples(const EC_RAW_POINT& point) {
    const std::vector<P256_POINT> multiples = MultiplesOf(point);
    const std::vector<Felem> inverses = InverseZs(multiples);
    for (size_t i = 0; i < multiples.size(); ++i) {
      rows_[i / kUnits][i % kUnits] = AffineOf(multiples[i], inverses[i]);
    }
  }

  P256_POINT Times(const EC_SCALAR& scalar) const {
    const std::array<int, kDigits> digits = DigitsOf(scalar);
    // Of many keys' tables little is in the processor's caches; all terms are
    // fetched at once, not one after the other.
    for (size_t i = 0; i < kDigits; ++i) {
      __builtin_prefetch(&rows_[i][std::max(std::abs(digits[i]), 1) - 1]);
    }
    alignas(32) P256_POINT sum{};  // the point at infinity
    for (size_t i = 0; i < kDigits; ++i) {
      if (digits[i] == 0) {
        continue;
      }
      alignas(32) P256_POINT_AFFINE term = rows_[i][std::abs(digits[i]) - 1];
      if (digits[i] < 0) {
        ecp_nistz256_neg(term.Y, term.Y);
      }
      // This addition cannot double. It need not: what lower digits sum to is
      // less than one unit of this place, and no multiple of the order away.
      ecp_nistz256_point_add_affine(&sum, &sum, &term);
    }
    return sum;
  }

  // The order less one has digits of both signs and the highest there is.
  bool AgreesWithBoringSsl(const EC_RAW_POINT& point) const {
    EC_SCALAR scalar{};
    std::memcpy(scalar.words, P256()->order.d, 32);
    scalar.words[0] -= 1;
    EC_RAW_POINT expected;
    const EC_RAW_POINT product = RawOf(Times(scalar));
    return ec_point_mul_scalar(P256(), &expected, &point, &scalar) == 1 &&
           ec_GFp_simple_points_equal(P256(), &expected, &product) == 1;
  }

  // Null when BoringSSL multiplies to another point.
  static std::unique_ptr<const Multiples> New(const EC_RAW_POINT& point) {
    auto multiples = std::make_unique<const Multiples>(point);
    return multiples->AgreesWithBoringSsl(point) ? std::move(multiples)
                                                 : nullptr;
  }

  static const Multiples* OfGenerator() {
    static const Multiples* const multiples =
        New(EC_GROUP_get0_generator(P256())->raw).release();
    return multiples;
  }

 private:
  // A point fills a line of the cache.
  alignas(64) std::array<std::array<P256_POINT_AFFINE, kUnits>, kDigits> rows_;
};

std::unique_ptr<const P256Table> P256Table::New(const EC_KEY* key) {
  const EC_GROUP* group = EC_KEY_get0_group(key);
  const EC_POINT* point = EC_KEY_get0_public_key(key);
  if (group == nullptr || point == nullptr ||
      EC_GROUP_get_curve_name(group) != NID_X9_62_prime256v1 ||
      group->meth != EC_GFp_nistz256_method() ||
      EC_POINT_is_at_infinity(group, point) ||
      Multiples::OfGenerator() == nullptr) {
    return nullptr;
  }
  std::unique_ptr<const Multiples> of_key = Multiples::New(point->raw);
  return of_key == nullptr ? nullptr
                           : std::unique_ptr<const P256Table>(
                                 new P256Table(std::move(of_key)));
}

bool P256Table::Verifies(const Digest& digest,
                         const ECDSA_SIG* signature) const {
  const EC_GROUP* group = P256();
  EC_SCALAR r{}, s{};
  if (BN_is_zero(ECDSA_SIG_get0_r(signature)) ||
      !ec_bignum_to_scalar(group, &r, ECDSA_SIG_get0_r(signature)) ||
      BN_is_zero(ECDSA_SIG_get0_s(signature)) ||
      !ec_bignum_to_scalar(group, &s, ECDSA_SIG_get0_s(signature))) {
    return false;
  }
  EC_SCALAR s_inverse{}, m{}, u1{}, u2{};
  if (!ec_scalar_to_montgomery_inv_vartime(group, &s_inverse, &s)) {
    return false;
  }
  BN_ULONG scratch[P256_LIMBS];
  bn_big_endian_to_words(m.words, P256_LIMBS, digest.data(), digest.size());
  bn_reduce_once_in_place(m.words, 0, group->order.d, scratch, P256_LIMBS);
  ec_scalar_mul_montgomery(group, &u1, &m, &s_inverse);
  ec_scalar_mul_montgomery(group, &u2, &r, &s_inverse);
  alignas(32) P256_POINT sum = Multiples::OfGenerator()->Times(u1);
  alignas(32) const P256_POINT term = of_key_->Times(u2);
  // This one can double: whoever made the key may have made both alike.
  ecp_nistz256_point_add(&sum, &sum, &term);
  const EC_RAW_POINT point = RawOf(sum);
  return ec_cmp_x_coordinate(group, &point, &r) == 1;
}

#else

namespace masa::verification {

class P256Table::Multiples {};

std::unique_ptr<const P256Table> P256Table::New(const EC_KEY*) {
  return nullptr;
}

bool P256Table::Verifies(const Digest&, const ECDSA_SIG*) const {
  return false;
}

#endif

P256Table::P256Table(std::unique_ptr<const Multiples> of_key)
    : of_key_(std::move(of_key)) {}

P256Table::~P256Table() = default;

}  // namespace masa::verification
