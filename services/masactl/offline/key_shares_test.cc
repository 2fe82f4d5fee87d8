// OP-12: keys in escrow, and the drill that brings one back.
#include "services/masactl/offline/key_shares.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/rand.h"
#include "services/signing/private_key.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"

namespace masa::masactl {
namespace {

void Random(std::string* octets) {
  RAND_bytes(reinterpret_cast<uint8_t*>(octets->data()), octets->size());
}

// Calls `body` with each choice of `k` of `n` numbers.
template <typename Body>
void ForEachChoice(int n, int k, const Body& body) {
  std::vector<bool> chosen(n, false);
  std::fill(chosen.begin(), chosen.begin() + k, true);
  do {
    std::vector<int> numbers;
    for (int i = 0; i < n; ++i) {
      if (chosen[i]) {
        numbers.push_back(i);
      }
    }
    body(numbers);
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
}

TEST(SecretSharing, AnyEnoughSharesGiveTheSecret) {
  std::string secret(40, '\0');
  Random(&secret);
  for (const auto& [k, n] :
       {std::pair(1, 1), {1, 3}, {2, 2}, {2, 5}, {3, 5}, {5, 5}, {4, 8}}) {
    const auto shares = SplitSecret(secret, k, n, Random);
    ASSERT_EQ(shares.size(), static_cast<size_t>(n));
    ForEachChoice(n, k, [&](const std::vector<int>& numbers) {
      std::vector<SecretShare> some;
      for (const int i : numbers) {
        some.push_back(shares[i]);
      }
      EXPECT_EQ(CombineShares(some), secret) << k << " of " << n;
    });
  }
}

// Worked out by hand: the secret 0x53 and the coefficient 0xca, of which FIPS
// 197 says that their product is 1.
TEST(SecretSharing, CountsInTheFieldOfAes) {
  const auto shares = SplitSecret("\x53", 2, 3, [](std::string* octets) {
    octets->assign(octets->size(), '\xca');
  });
  EXPECT_EQ(shares[0].octets, std::string(1, '\x53' ^ '\xca'));
  // 0xca * 2 = 0x194 modulo 0x11b = 0x8f.
  EXPECT_EQ(shares[1].octets, std::string(1, '\x53' ^ '\x8f'));
  EXPECT_EQ(shares[2].octets, std::string(1, '\x53' ^ '\x8f' ^ '\xca'));
}

// For what fewer shares show, each secret has as many polynomials as any other:
// over all coefficients, two shares of three take each pair of values equally
// often, whatever the secret is.
TEST(SecretSharing, FewerSharesSayNothing) {
  for (const uint8_t secret : {0x00, 0x01, 0x53, 0xff}) {
    std::set<std::pair<uint8_t, uint8_t>> seen;
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; ++second) {
        int turn = 0;
        const auto shares = SplitSecret(
            std::string(1, static_cast<char>(secret)), 3, 3,
            [&](std::string* octets) {
              (*octets)[0] = static_cast<char>(turn++ == 0 ? first : second);
            });
        seen.emplace(shares[0].octets[0], shares[2].octets[0]);
      }
    }
    EXPECT_EQ(seen.size(), 65536u) << static_cast<int>(secret);
  }
}

class KeySharesTest : public ::testing::Test {
 protected:
  static std::vector<NamedShare> Named(
      const std::vector<masa::v1::KeyShare>& shares) {
    std::vector<NamedShare> named;
    for (const auto& share : shares) {
      named.emplace_back(absl::StrCat("share-", share.index()), share);
    }
    return named;
  }
  static std::vector<NamedShare> Split(const testing::Identity& root,
                                       int threshold = 2, int shares = 3) {
    const auto split = SplitKey(root.key.get(), threshold, shares, Random);
    EXPECT_TRUE(split.ok()) << split.status();
    return Named(*split);
  }
  static testing::Identity Root(testing::KeyKind kind) {
    testing::CertificateSpec spec;
    spec.common_name = "offline root";
    spec.not_before = absl::FromUnixSeconds(1'790'000'000);
    spec.not_after = spec.not_before + absl::Hours(24 * 3650);
    spec.is_ca = true;
    spec.key = kind;
    return testing::MakeIdentity(spec);
  }
  static void ExpectRefusal(const std::vector<NamedShare>& shares,
                            const std::string& sentence) {
    const auto restored = RestoreKey(shares);
    ASSERT_FALSE(restored.ok()) << sentence;
    EXPECT_TRUE(absl::StrContains(restored.status().message(), sentence))
        << restored.status();
  }
};

// The drill: the root is lost, its holders come together, and what it certifies
// then is believed by who knows the old anchor.
TEST_F(KeySharesTest, ARestoredRootCertifiesUnderItsOldAnchor) {
  for (const auto kind :
       {testing::KeyKind::kP256, testing::KeyKind::kP384,
        testing::KeyKind::kRsa2048, testing::KeyKind::kEd25519}) {
    const testing::Identity root = Root(kind);
    const std::vector<NamedShare> shares = Split(root, 3, 5);
    ForEachChoice(5, 3, [&](const std::vector<int>& numbers) {
      std::vector<NamedShare> some;
      for (const int i : numbers) {
        some.push_back(shares[i]);
      }
      auto restored = RestoreKey(some);
      ASSERT_TRUE(restored.ok()) << restored.status();
      testing::Identity again;
      again.certificate = root.certificate;
      again.key.reset(restored->release(), EVP_PKEY_free);
      testing::CertificateSpec spec;
      spec.common_name = "voucher signer";
      spec.not_before = absl::FromUnixSeconds(1'790'000'000);
      spec.not_after = spec.not_before + absl::Hours(24);
      const testing::Identity signer = testing::MakeIdentity(spec, &again);
      EXPECT_TRUE(verification::BoringVerifier()
                      .VerifyChain({signer.CertificateDer(),
                                    {},
                                    {root.CertificateDer()},
                                    spec.not_before + absl::Hours(1)})
                      .ok());
    });
  }
}

TEST_F(KeySharesTest, NamesTheShareThatIsWrong) {
  const testing::Identity root = Root(testing::KeyKind::kP256);
  const auto good = Split(root);
  auto shares = good;
  (*shares[1].second.mutable_share())[7] ^= 1;
  ExpectRefusal(shares, "share share-2 is damaged");
  shares = good;
  shares[2].second.set_index(1);
  ExpectRefusal(shares, "share share-3 is damaged");
  shares = good;
  shares[0].second.set_threshold(1);
  ExpectRefusal(shares, "share share-1 is none");
  shares = good;
  shares[1] = Split(root)[1];
  ExpectRefusal(shares, "share share-2 is of another splitting");
  shares[1] = Split(Root(testing::KeyKind::kP256))[1];
  ExpectRefusal(shares, "share share-2 is of another key");
  ExpectRefusal({good[0], good[0]}, "share share-1 is there twice");
  ExpectRefusal({good[0]}, "2 shares are needed, and 1 is there");
  ExpectRefusal({}, "there is no share");
  EXPECT_TRUE(RestoreKey(good).ok());
}

TEST_F(KeySharesTest, SplitsInSensibleNumbersAlone) {
  const testing::Identity root = Root(testing::KeyKind::kP256);
  for (const auto& [k, n] :
       {std::pair(1, 3), {0, 3}, {4, 3}, {2, 256}, {2, 1}, {-1, -1}}) {
    EXPECT_FALSE(SplitKey(root.key.get(), k, n, Random).ok()) << k << n;
  }
  const auto said = [&](int threshold, int shares) {
    return std::string(
        SplitKey(root.key.get(), threshold, shares, Random).status().message());
  };
  EXPECT_EQ(said(6, 5), "2 to 5 of 5 shares restore a key, not 6");
  EXPECT_EQ(said(2, 256), "a key has 2 to 255 shares, not 256");
}

TEST_F(KeySharesTest, GoToAFileAndBack) {
  const auto shares = Split(Root(testing::KeyKind::kEd25519));
  const auto read = ParseShare(ShareText(shares[0].second));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), shares[0].second.SerializeAsString());
  for (const char* text : {"", "{", "{\"index\": -1}", "[]"}) {
    EXPECT_FALSE(ParseShare(text).ok()) << text;
  }
}

}  // namespace
}  // namespace masa::masactl
