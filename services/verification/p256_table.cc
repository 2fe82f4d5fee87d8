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

Felem FelemOf(const BN_ULONG (&words)[P256_LIMBS]) {
  Felem element;
  std::memcpy(element.data(), words, sizeof(words));
  return element;
}

EC_RAW_POINT RawOf(const P256_POINT& point) {
  EC_RAW_POINT raw{};
  std::memcpy(raw.X.words, point.X, sizeof(point.X));
  std::memcpy(raw.Y.words, point.Y, sizeof(point.Y));
  std::memcpy(raw.Z.words, point.Z, sizeof(point.Z));
  return raw;
}

Felem Minus(const Felem& a, const BN_ULONG* b) {
  Felem difference;
  BN_ULONG scratch[P256_LIMBS];
  bn_mod_sub_words(difference.data(), a.data(), b, P256()->field.d, scratch,
                   P256_LIMBS);
  return difference;
}

// Inverts each by one inversion, that of their product. None is zero.
void InvertAll(std::vector<Felem>& numbers) {
  std::vector<Felem> products(numbers.size());
  Felem product;
  std::memcpy(product.data(), P256()->one.words, sizeof(product));
  for (size_t i = 0; i < numbers.size(); ++i) {
    products[i] = product;
    ecp_nistz256_mul_mont(product.data(), product.data(), numbers[i].data());
  }
  Felem rest;
  bn_mod_inverse0_prime_mont_small(rest.data(), product.data(), P256_LIMBS,
                                   P256()->mont);
  for (size_t i = numbers.size(); i-- > 0;) {
    ecp_nistz256_mul_mont(products[i].data(), products[i].data(), rest.data());
    ecp_nistz256_mul_mont(rest.data(), rest.data(), numbers[i].data());
    numbers[i] = products[i];
  }
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

// The point, doubled as often as 0, 1, 2, ... times: so every multiple whose
// number of units is a power of two, of row after row.
std::vector<P256_POINT_AFFINE> DoublesOf(const EC_RAW_POINT& point) {
  std::vector<P256_POINT> doubles(kDigits * kDigitBits);
  std::vector<Felem> zs(doubles.size());
  alignas(32) P256_POINT next;
  std::memcpy(next.X, point.X.words, sizeof(next.X));
  std::memcpy(next.Y, point.Y.words, sizeof(next.Y));
  std::memcpy(next.Z, point.Z.words, sizeof(next.Z));
  for (size_t i = 0; i < doubles.size(); ++i) {
    doubles[i] = next;
    std::memcpy(zs[i].data(), next.Z, sizeof(next.Z));
    ecp_nistz256_point_double(&next, &next);
  }
  InvertAll(zs);
  std::vector<P256_POINT_AFFINE> affine(doubles.size());
  for (size_t i = 0; i < doubles.size(); ++i) {
    affine[i] = AffineOf(doubles[i], zs[i]);
  }
  return affine;
}

// The sum of two points with different X, by `inverse` of a's X less b's.
P256_POINT_AFFINE Sum(const P256_POINT_AFFINE& a, const P256_POINT_AFFINE& b,
                      const Felem& inverse) {
  P256_POINT_AFFINE sum;
  Felem slope = Minus(FelemOf(a.Y), b.Y), x;
  ecp_nistz256_mul_mont(slope.data(), slope.data(), inverse.data());
  ecp_nistz256_sqr_mont(x.data(), slope.data());
  x = Minus(Minus(x, a.X), b.X);
  Felem y = Minus(FelemOf(a.X), x.data());
  ecp_nistz256_mul_mont(y.data(), y.data(), slope.data());
  y = Minus(y, a.Y);
  std::memcpy(sum.X, x.data(), sizeof(sum.X));
  std::memcpy(sum.Y, y.data(), sizeof(sum.Y));
  return sum;
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
    const std::vector<P256_POINT_AFFINE> doubles = DoublesOf(point);
    for (size_t i = 0; i < doubles.size(); ++i) {
      rows_[i / kDigitBits][(1 << i % kDigitBits) - 1] = doubles[i];
    }
    for (size_t units = 2; units < kUnits; units *= 2) {
      AddTo(units);
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
  // From what stands for `units` and for fewer, what stands for more, up to
  // twice as many, in all rows: no two of those have the same X.
  void AddTo(size_t units) {
    std::vector<Felem> differences;
    differences.reserve(kDigits * units);
    for (const Row& row : rows_) {
      for (size_t more = 1; more < units; ++more) {
        differences.push_back(
            Minus(FelemOf(row[units - 1].X), row[more - 1].X));
      }
    }
    InvertAll(differences);
    const Felem* inverse = differences.data();
    for (Row& row : rows_) {
      for (size_t more = 1; more < units; ++more) {
        row[units + more - 1] = Sum(row[units - 1], row[more - 1], *inverse++);
      }
    }
  }

  using Row = std::array<P256_POINT_AFFINE, kUnits>;
  // A point fills a line of the cache.
  alignas(64) std::array<Row, kDigits> rows_;
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
