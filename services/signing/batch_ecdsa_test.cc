#include "services/signing/batch_ecdsa.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "openssl/bn.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/engine.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/rand.h"
#include "openssl/rsa.h"
#include "services/signing/batch_ecdsa_for_testing.h"
#include "services/signing/test_freed_memory.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

using Keys = bssl::UniquePtr<EVP_PKEY>;

bssl::UniquePtr<BIGNUM> Number(const Sha256Digest& octets) {
  return bssl::UniquePtr<BIGNUM>(
      BN_bin2bn(octets.data(), octets.size(), nullptr));
}

Sha256Digest Octets(const BIGNUM* number) {
  Sha256Digest octets;
  EXPECT_EQ(BN_bn2bin_padded(octets.data(), octets.size(), number), 1);
  return octets;
}

Sha256Digest FromHex(const char* hex) {
  const std::string octets = absl::HexStringToBytes(hex);
  Sha256Digest digest;
  std::copy(octets.begin(), octets.end(), digest.begin());
  return digest;
}

Sha256Digest RandomOctets() {
  Sha256Digest octets;
  RAND_bytes(octets.data(), octets.size());
  return octets;
}

// A number below the order and not zero, nearly always.
Sha256Digest RandomScalar() {
  Sha256Digest octets = RandomOctets();
  octets[0] &= 0x7f;
  return octets;
}

bssl::UniquePtr<EC_KEY> NewEcKey(int curve) {
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(curve));
  EXPECT_EQ(EC_KEY_generate_key(key.get()), 1);
  return key;
}

Keys Wrap(bssl::UniquePtr<EC_KEY> ec_key) {
  Keys key(EVP_PKEY_new());
  EXPECT_EQ(EVP_PKEY_set1_EC_KEY(key.get(), ec_key.get()), 1);
  return key;
}

Keys NewKey() { return Wrap(NewEcKey(NID_X9_62_prime256v1)); }

Keys KeyOf(const char* private_hex) {
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  const auto number = Number(FromHex(private_hex));
  const EC_GROUP* group = EC_KEY_get0_group(key.get());
  bssl::UniquePtr<EC_POINT> point(EC_POINT_new(group));
  EXPECT_EQ(
      EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr),
      1);
  EXPECT_EQ(EC_KEY_set_private_key(key.get(), number.get()), 1);
  EXPECT_EQ(EC_KEY_set_public_key(key.get(), point.get()), 1);
  return Wrap(std::move(key));
}

EcdsaNumbers NumbersOf(const ECDSA_SIG* signature) {
  const Sha256Digest r = Octets(ECDSA_SIG_get0_r(signature));
  const Sha256Digest s = Octets(ECDSA_SIG_get0_s(signature));
  EcdsaNumbers numbers;
  std::copy(r.begin(), r.end(), numbers.begin());
  std::copy(s.begin(), s.end(), numbers.begin() + r.size());
  return numbers;
}

// What BoringSSL makes of the same nonce.
EcdsaNumbers OneByOne(const Keys& key, const Sha256Digest& digest,
                      const Sha256Digest& nonce) {
  const bssl::UniquePtr<ECDSA_SIG> signature(
      ECDSA_sign_with_nonce_and_leak_private_key_for_testing(
          digest.data(), digest.size(), EVP_PKEY_get0_EC_KEY(key.get()),
          nonce.data(), nonce.size()));
  EXPECT_NE(signature, nullptr);
  return NumbersOf(signature.get());
}

bool Verifies(const Keys& key, const Sha256Digest& digest,
              const EcdsaNumbers& numbers) {
  const bssl::UniquePtr<ECDSA_SIG> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(numbers.data(), 32, nullptr),
                 BN_bin2bn(numbers.data() + 32, 32, nullptr));
  return ECDSA_do_verify(digest.data(), digest.size(), signature.get(),
                         EVP_PKEY_get0_EC_KEY(key.get())) == 1;
}

const char kRfc6979Key[] =
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";

// RFC 6979 appendix A.2.5, SHA-256 of "sample" and "test".
TEST(BatchEcdsa, MakesTheKnownAnswers) {
  const auto signatures = SignBatchWithNoncesAndLeakPrivateKeyForTesting(
      KeyOf(kRfc6979Key).get(),
      {FromHex("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1B"
               "F"),
       FromHex("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A0"
               "8")},
      {FromHex("A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD6"
               "0"),
       FromHex("D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E"
               "0")});
  ASSERT_TRUE(signatures.ok()) << signatures.status();
  const auto hex = [&](int i) {
    return absl::BytesToHexString(absl::string_view(
        reinterpret_cast<const char*>((*signatures)[i].data()), 64));
  };
  EXPECT_EQ(hex(0),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(hex(1),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(BatchEcdsa, AgreesWithBoringSslNonceForNonce) {
  const Keys key = NewKey();
  // The ends of the range of nonces, and digests past the order.
  std::vector<Sha256Digest> nonces = {
      FromHex(
          "0000000000000000000000000000000000000000000000000000000000000001"),
      FromHex(
          "0000000000000000000000000000000000000000000000000000000000000002"),
      FromHex(
          "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550")};
  std::vector<Sha256Digest> digests = {Sha256Digest{}, Sha256Digest{},
                                       RandomOctets()};
  digests[0].fill(0xff);
  while (nonces.size() < 300) {
    nonces.push_back(RandomScalar());
    digests.push_back(RandomOctets());
  }
  const auto signatures = SignBatchWithNoncesAndLeakPrivateKeyForTesting(
      key.get(), digests, nonces);
  ASSERT_TRUE(signatures.ok()) << signatures.status();
  for (size_t i = 0; i < digests.size(); ++i) {
    EXPECT_EQ((*signatures)[i], OneByOne(key, digests[i], nonces[i])) << i;
  }
}

// s is zero where digest = -r * key: with nonce and key known, one such digest
// can be made. That signature is made again with the next nonce.
TEST(BatchEcdsa, MakesASignatureAgainWhoseNumberIsZero) {
  const Keys key = KeyOf(kRfc6979Key);
  const BIGNUM* order =
      EC_GROUP_get0_order(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key.get())));
  const std::vector<Sha256Digest> nonces = {RandomScalar(), RandomScalar(),
                                            RandomScalar(), RandomScalar()};
  const EcdsaNumbers any = OneByOne(key, Sha256Digest{}, nonces[1]);
  Sha256Digest r;
  std::copy(any.begin(), any.begin() + r.size(), r.begin());
  const bssl::UniquePtr<BN_CTX> context(BN_CTX_new());
  const auto product = Number(r);
  ASSERT_EQ(
      BN_mod_mul(product.get(), product.get(),
                 Number(FromHex(kRfc6979Key)).get(), order, context.get()),
      1);
  ASSERT_EQ(BN_sub(product.get(), order, product.get()), 1);
  const std::vector<Sha256Digest> digests = {
      RandomOctets(), Octets(product.get()), RandomOctets()};
  const auto signatures = SignBatchWithNoncesAndLeakPrivateKeyForTesting(
      key.get(), digests, nonces);
  ASSERT_TRUE(signatures.ok()) << signatures.status();
  EXPECT_EQ((*signatures)[0], OneByOne(key, digests[0], nonces[0]));
  EXPECT_EQ((*signatures)[1], OneByOne(key, digests[1], nonces[3]));
  EXPECT_EQ((*signatures)[2], OneByOne(key, digests[2], nonces[2]));
  // Without another nonce there is no signature, rather than one of zeros.
  EXPECT_EQ(ReasonOf(SignBatchWithNoncesAndLeakPrivateKeyForTesting(
                         key.get(), digests,
                         absl::MakeConstSpan(nonces).subspan(0, 3))
                         .status()),
            Reason::kSignerUnavailable);
}

TEST(BatchEcdsa, SignsBatchesOfOneToAThousand) {
  const Keys key = NewKey();
  const auto batch = BatchEcdsa::New(key.get());
  ASSERT_NE(batch, nullptr);
  std::set<EcdsaNumbers> different;
  size_t made = 0;
  for (const size_t size : {0, 1, 2, 3, 127, 128, 129, 256, 1000}) {
    std::vector<Sha256Digest> digests(size);
    std::generate(digests.begin(), digests.end(), RandomOctets);
    const auto signatures = batch->Sign(digests);
    ASSERT_TRUE(signatures.ok()) << signatures.status();
    ASSERT_EQ(signatures->size(), size);
    for (size_t i = 0; i < size; ++i) {
      EXPECT_TRUE(Verifies(key, digests[i], (*signatures)[i])) << size;
      different.insert((*signatures)[i]);
    }
    made += size;
  }
  EXPECT_EQ(different.size(), made);
}

TEST(BatchEcdsa, LeavesNothingBehind) {
  const Keys key = NewKey();
  const auto batch = BatchEcdsa::New(key.get());
  ASSERT_NE(batch, nullptr);
  const int before = LargeBlocksFreed();
  const int with_contents = LargeBlocksFreedWithContents();
  ASSERT_TRUE(batch->Sign({RandomOctets(), RandomOctets()}).ok());
  EXPECT_EQ(LargeBlocksFreed() - before, 1);
  EXPECT_EQ(LargeBlocksFreedWithContents(), with_contents);
}

// As an HSM's key: the private number is not here.
Keys OpaqueKey(ENGINE* engine) {
  static ECDSA_METHOD method = {};
  method.common.is_static = 1;
  EXPECT_EQ(ENGINE_set_ECDSA_method(engine, &method, sizeof(method)), 1);
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_method(engine));
  const auto real = NewEcKey(NID_X9_62_prime256v1);
  EC_KEY_set_group(key.get(), EC_KEY_get0_group(real.get()));
  EC_KEY_set_public_key(key.get(), EC_KEY_get0_public_key(real.get()));
  EC_KEY_set_private_key(key.get(), EC_KEY_get0_private_key(real.get()));
  return Wrap(std::move(key));
}

TEST(BatchEcdsa, StepsAsideForKeysThatAreNotForIt) {
  EXPECT_NE(BatchEcdsa::New(NewKey().get()), nullptr);
  EXPECT_EQ(BatchEcdsa::New(Wrap(NewEcKey(NID_secp384r1)).get()), nullptr);
  EXPECT_EQ(BatchEcdsa::New(Wrap(NewEcKey(NID_secp224r1)).get()), nullptr);
  const auto whole = NewEcKey(NID_X9_62_prime256v1);
  bssl::UniquePtr<EC_KEY> half(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  EC_KEY_set_public_key(half.get(), EC_KEY_get0_public_key(whole.get()));
  EXPECT_EQ(BatchEcdsa::New(Wrap(std::move(half)).get()), nullptr);
  bssl::UniquePtr<ENGINE> engine(ENGINE_new());
  EXPECT_EQ(BatchEcdsa::New(OpaqueKey(engine.get()).get()), nullptr);
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> exponent(BN_new());
  BN_set_word(exponent.get(), RSA_F4);
  RSA_generate_key_ex(rsa.get(), 2048, exponent.get(), nullptr);
  const Keys rsa_key(EVP_PKEY_new());
  EVP_PKEY_set1_RSA(rsa_key.get(), rsa.get());
  EXPECT_EQ(BatchEcdsa::New(rsa_key.get()), nullptr);
}

// The self-test: signatures that do not verify are never made.
TEST(BatchEcdsa, StepsAsideWhenItsSignaturesDoNotVerify) {
  auto key = NewEcKey(NID_X9_62_prime256v1);
  const auto other = NewEcKey(NID_X9_62_prime256v1);
  EC_KEY_set_public_key(key.get(), EC_KEY_get0_public_key(other.get()));
  EXPECT_EQ(BatchEcdsa::New(Wrap(std::move(key)).get()), nullptr);
}

}  // namespace
}  // namespace masa::signing
