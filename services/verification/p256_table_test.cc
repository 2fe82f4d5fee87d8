// Each case is put to BoringSSL as well: the table must answer the same, and
// both must answer what the case says. Digest, key and signature are computed
// from the two scalars that a verifier multiplies by.
#include "services/verification/p256_table.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/bn.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/err.h"
#include "openssl/nid.h"
#include "openssl/rand.h"

namespace masa::verification {
namespace {

// A number modulo the order; copies are deep.
class Number {
 public:
  Number(uint64_t value = 0) : value_(BN_new()) {
    BN_set_u64(value_.get(), value);
  }
  explicit Number(const BIGNUM* value) : value_(BN_dup(value)) {}
  Number(const Number& other) : Number(other.get()) {}
  Number& operator=(const Number& other) {
    BN_copy(value_.get(), other.get());
    return *this;
  }
  BIGNUM* get() const { return value_.get(); }

  static const EC_GROUP* Group() {
    static const EC_GROUP* const group =
        EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return group;
  }
  static Number Order() { return Number(EC_GROUP_get0_order(Group())); }
  static Number TwoTo(int power) {
    Number number(1);
    BN_lshift(number.get(), number.get(), power);
    return number;
  }
  static Number Random() {
    Number number;
    BN_rand_range_ex(number.get(), 1, Order().get());
    return number;
  }
  Number Inverse() const {
    Number inverse;
    const bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
    BN_mod_inverse(inverse.get(), get(), Order().get(), context.get());
    return inverse;
  }
  // Not reduced.
  Number Plus(const Number& other) const {
    Number sum;
    BN_add(sum.get(), get(), other.get());
    return sum;
  }
  Number Less(const Number& other) const {
    Number difference;
    BN_sub(difference.get(), get(), other.get());
    return difference;
  }
  P256Table::Digest AsDigest() const {
    P256Table::Digest digest;
    EXPECT_EQ(BN_bn2bin_padded(digest.data(), digest.size(), get()), 1);
    return digest;
  }

 private:
  bssl::UniquePtr<BIGNUM> value_;
};

Number operator*(const Number& a, const Number& b) {
  Number product;
  const bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  BN_mod_mul(product.get(), a.get(), b.get(), Number::Order().get(),
             context.get());
  return product;
}

using Point = bssl::UniquePtr<EC_POINT>;

// g times the generator plus p times `point`, which may be null.
Point Multiply(const Number& g, const EC_POINT* point = nullptr,
               const Number& p = {}) {
  Point sum(EC_POINT_new(Number::Group()));
  EXPECT_EQ(EC_POINT_mul(Number::Group(), sum.get(), g.get(), point,
                         point == nullptr ? nullptr : p.get(), nullptr),
            1);
  return sum;
}

bssl::UniquePtr<EC_KEY> KeyOf(const EC_POINT* point) {
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  EXPECT_EQ(EC_KEY_set_public_key(key.get(), point), 1);
  return key;
}

// The point's x, modulo the order; nothing sensible for the point at infinity.
Number XOf(const EC_POINT* point) {
  Number x;
  if (EC_POINT_get_affine_coordinates_GFp(Number::Group(), point, x.get(),
                                          nullptr, nullptr) != 1) {
    return Number(1);
  }
  return x * Number(1);
}

struct Asked {
  bssl::UniquePtr<EC_KEY> key;
  P256Table::Digest digest;
  Number r;
  Number s;
};

// A signature whose verification is u1 times the generator and u2 times the
// key, which is `secret` times the generator.
Asked SignatureFrom(const Number& secret, const Number& u1, const Number& u2) {
  const Point key = Multiply(secret);
  Number sum = u2 * secret;
  BN_mod_add_quick(sum.get(), sum.get(), (u1 * Number(1)).get(),
                   Number::Order().get());
  const Number r = XOf(Multiply(sum).get());
  const Number s = r * u2.Inverse();
  return {KeyOf(key.get()), (u1 * s).AsDigest(), r, s};
}

enum class Verdict { kAccepts, kRefuses, kDisagree };

Verdict VerdictOn(const Asked& asked, const P256Table& table) {
  const bssl::UniquePtr<ECDSA_SIG> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_dup(asked.r.get()), BN_dup(asked.s.get()));
  const bool library = ECDSA_do_verify(asked.digest.data(), asked.digest.size(),
                                       signature.get(), asked.key.get()) == 1;
  const bool by_table = table.Verifies(asked.digest, signature.get());
  ERR_clear_error();
  return library != by_table ? Verdict::kDisagree
         : library           ? Verdict::kAccepts
                             : Verdict::kRefuses;
}

Verdict VerdictOn(const Asked& asked) {
  const auto table = P256Table::New(asked.key.get());
  EXPECT_NE(table, nullptr);
  return VerdictOn(asked, *table);
}

// Digits of every kind, alone and side by side; keys for which both sums meet,
// cancel out, or are each other's neighbours on the way.
TEST(P256Table, MultipliesBySpecialScalarsAsBoringSslDoes) {
  const Number order = Number::Order();
  const std::vector<Number> scalars = {
      1,
      2,
      63,
      64,
      65,
      127,
      128,
      8256,
      order.Less(1),
      order.Less(2),
      order.Less(64),
      Number::TwoTo(252),
      Number::TwoTo(255),
      Number::TwoTo(256).Less(Number::TwoTo(251)).Less(Number::TwoTo(240)),
  };
  for (const Number& secret : {Number(1), Number(2), order.Less(1),
                               Number::TwoTo(7), Number::Random()}) {
    const auto table = P256Table::New(KeyOf(Multiply(secret).get()).get());
    ASSERT_NE(table, nullptr);
    for (size_t i = 0; i < scalars.size(); ++i) {
      for (size_t j = 0; j < scalars.size(); ++j) {
        const Asked asked = SignatureFrom(secret, scalars[i], scalars[j]);
        Number sum = scalars[i] * Number(1);
        BN_mod_add_quick(sum.get(), sum.get(), (scalars[j] * secret).get(),
                         order.get());
        EXPECT_EQ(VerdictOn(asked, *table),
                  BN_is_zero(sum.get()) ? Verdict::kRefuses : Verdict::kAccepts)
            << "scalars " << i << " and " << j;
      }
    }
  }
}

TEST(P256Table, HoldsTheMultipleThatEachEntryStandsFor) {
  constexpr int kDigitBits = 7, kDigits = 37, kUnits = 64, kScalarBits = 256;
  const Number secret = Number::Random();
  const auto table = P256Table::New(KeyOf(Multiply(secret).get()).get());
  ASSERT_NE(table, nullptr);
  for (int digit = 0; digit < kDigits; ++digit) {
    const int place = digit * kDigitBits;
    for (int units = 1; units <= kUnits; ++units) {
      if (place + kDigitBits > kScalarBits &&
          units >= 1 << (kScalarBits - place)) {
        break;  // no scalar has this digit
      }
      const Number scalar = Number(units) * Number::TwoTo(place);
      EXPECT_EQ(VerdictOn(SignatureFrom(secret, 1, scalar), *table),
                Verdict::kAccepts)
          << "digit " << digit << " of " << units;
    }
  }
}

// As Wycheproof lists them.
TEST(P256Table, JudgesTheBordersOfRAndSAsBoringSslDoes) {
  const Number order = Number::Order();
  const Asked good =
      SignatureFrom(Number::Random(), Number::Random(), Number::Random());
  Number minus_r = good.r;
  BN_set_negative(minus_r.get(), 1);
  const struct {
    const char* name;
    Number r;
    Number s;
    Verdict verdict;
  } cases[] = {
      {"as made", good.r, good.s, Verdict::kAccepts},
      {"the other s", good.r, order.Less(good.s), Verdict::kAccepts},
      {"r is 0", 0, good.s, Verdict::kRefuses},
      {"s is 0", good.r, 0, Verdict::kRefuses},
      {"both 0", 0, 0, Verdict::kRefuses},
      {"r is n", order, good.s, Verdict::kRefuses},
      {"s is n", good.r, order, Verdict::kRefuses},
      {"r + n", good.r.Plus(order), good.s, Verdict::kRefuses},
      {"s + n", good.r, good.s.Plus(order), Verdict::kRefuses},
      {"n - r", order.Less(good.r), good.s, Verdict::kRefuses},
      {"-r", minus_r, good.s, Verdict::kRefuses},
      {"r and s changed over", good.s, good.r, Verdict::kRefuses},
      {"r and s are 1", 1, 1, Verdict::kRefuses},
      {"r and s are n - 1", order.Less(1), order.Less(1), Verdict::kRefuses},
      {"r of 257 bits", Number::TwoTo(256), good.s, Verdict::kRefuses},
      {"s of 600 bits", good.r, Number::TwoTo(599), Verdict::kRefuses},
  };
  const auto table = P256Table::New(good.key.get());
  ASSERT_NE(table, nullptr);
  for (const auto& c : cases) {
    EXPECT_EQ(VerdictOn({bssl::UpRef(good.key), good.digest, c.r, c.s}, *table),
              c.verdict)
        << c.name;
  }
}

TEST(P256Table, ReducesDigestsBeyondTheOrder) {
  const Number order = Number::Order();
  const Number secret = Number::Random();
  Asked zero = SignatureFrom(secret, 0, Number::Random());
  EXPECT_EQ(VerdictOn(zero), Verdict::kAccepts);
  zero.digest = order.AsDigest();
  EXPECT_EQ(VerdictOn(zero), Verdict::kAccepts);
  zero.digest = order.Plus(1).AsDigest();
  EXPECT_EQ(VerdictOn(zero), Verdict::kRefuses);
}

// An x between order and field size, of which only its excess is in r. No
// signer meets one; the key is found from the signature.
TEST(P256Table, KnowsAnXBeyondTheOrder) {
  const EC_GROUP* group = Number::Group();
  Number r(1);
  Point point(EC_POINT_new(group));
  while (EC_POINT_set_compressed_coordinates_GFp(group, point.get(),
                                                 r.Plus(Number::Order()).get(),
                                                 0, nullptr) != 1) {
    r = r.Plus(1);
  }
  ERR_clear_error();
  const Number s = Number::Random();
  const Number e = Number::Random();
  const Number minus_e = Number::Order().Less(e);
  Asked asked{
      KeyOf(
          Multiply(minus_e * r.Inverse(), point.get(), s * r.Inverse()).get()),
      e.AsDigest(), r, s};
  EXPECT_EQ(VerdictOn(asked), Verdict::kAccepts);
  asked.r = r.Plus(Number::Order());
  EXPECT_EQ(VerdictOn(asked), Verdict::kRefuses);
  asked.r = r.Plus(1);
  EXPECT_EQ(VerdictOn(asked), Verdict::kRefuses);
}

TEST(P256Table, AgreesWithBoringSslOnWhateverWasTamperedWith) {
  for (int key = 0; key < 3; ++key) {
    const Number secret = Number::Random();
    const Asked good =
        SignatureFrom(secret, Number::Random(), Number::Random());
    const auto table = P256Table::New(good.key.get());
    ASSERT_NE(table, nullptr);
    for (int i = 0; i < 300; ++i) {
      const Asked fresh =
          SignatureFrom(secret, Number::Random(), Number::Random());
      EXPECT_EQ(VerdictOn(fresh, *table), Verdict::kAccepts);
      Asked tampered{bssl::UpRef(fresh.key), fresh.digest, fresh.r, fresh.s};
      const Number flipped = Number::TwoTo(i % 256);
      switch (i % 3) {
        case 0:
          tampered.digest[i % 32] ^= 1 << (i % 8);
          break;
        case 1:
          tampered.r = fresh.r.Plus(flipped) * Number(1);
          break;
        case 2:
          tampered.s = fresh.s.Plus(flipped) * Number(1);
          break;
      }
      EXPECT_EQ(VerdictOn(tampered, *table), Verdict::kRefuses) << i;
    }
  }
}

TEST(P256Table, StepsAsideForOtherCurvesAndForNoKey) {
  for (const int curve : {NID_secp224r1, NID_secp384r1, NID_secp521r1}) {
    const bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(curve));
    ASSERT_EQ(EC_KEY_generate_key(key.get()), 1);
    EXPECT_EQ(P256Table::New(key.get()), nullptr) << curve;
  }
  const bssl::UniquePtr<EC_KEY> empty(
      EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  EXPECT_EQ(P256Table::New(empty.get()), nullptr);
}

}  // namespace
}  // namespace masa::verification
