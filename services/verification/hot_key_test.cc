#include "services/verification/hot_key.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/test_signer.h"

namespace masa::verification {
namespace {

bool BoringAccepts(const std::string& spki_der, const std::string& message,
                   const std::string& signature) {
  return BoringVerifier()
      .VerifySignature(SignatureAlgorithm::kEcdsaP256Sha256, spki_der, message,
                       signature)
      .ok();
}

// Of P-256: what stands before the coordinates, uncompressed.
const char kSpkiHead[] =
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

std::string Octets(const std::string& hex) {
  return std::string(absl::HexStringToBytes(hex));
}

// RFC 6979 A.2.5: P-256 with SHA-256.
TEST(HotKey, KnowsTheAnswersOfRfc6979) {
  const auto key = HotKey::New(Octets(
      std::string(kSpkiHead) +
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
  ASSERT_NE(key, nullptr);
  const std::string of_sample = Octets(
      "3046"
      "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  const std::string of_test = Octets(
      "3045"
      "022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
      "0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
  EXPECT_TRUE(key->Verifies("sample", of_sample));
  EXPECT_TRUE(key->Verifies("test", of_test));
  EXPECT_FALSE(key->Verifies("test", of_sample));
  EXPECT_FALSE(key->Verifies("sample", of_test));
}

// DER and nothing else, as ECDSA_verify takes it.
TEST(HotKey, ReadsSignaturesAsStrictlyAsBoringSsl) {
  const TestSigner signer;
  const std::string spki = signer.SpkiDer();
  const auto key = HotKey::New(spki);
  ASSERT_NE(key, nullptr);
  // Both numbers of 32 octets with a zero before, so that lengths are known.
  std::string good;
  do {
    good = signer.Sign("m");
  } while (good.size() != 72);
  const std::string r = good.substr(4, 33);
  const std::string s = good.substr(39);
  const std::string r_tlv = good.substr(2, 35);
  const std::string s_tlv = good.substr(37);
  const struct {
    const char* name;
    std::string signature;
    bool accepted;
  } cases[] = {
      {"as made", good, true},
      {"nothing", "", false},
      {"one octet more", good + '\0', false},
      {"one octet less", good.substr(0, 71), false},
      {"a third number", "\x30\x49" + r_tlv + s_tlv + "\x02\x01\x01", false},
      {"one number", "\x30\x23" + r_tlv, false},
      {"a set", "\x31" + good.substr(1), false},
      {"r || s", r.substr(1) + s.substr(1), false},
      {"length in two octets", "\x30\x81\x46" + r_tlv + s_tlv, false},
      {"indefinite length", "\x30\x80" + r_tlv + s_tlv + std::string(2, '\0'),
       false},
      {"a zero too many before r",
       "\x30\x47\x02\x22" + std::string(1, '\0') + r + s_tlv, false},
      {"negative r", "\x30\x45\x02\x20" + r.substr(1) + s_tlv, false},
      {"negative s", "\x30\x45" + r_tlv + "\x02\x20" + s.substr(1), false},
      {"an empty r", "\x30\x25\x02" + std::string(1, '\0') + s_tlv, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(key->Verifies("m", c.signature), c.accepted) << c.name;
    EXPECT_EQ(BoringAccepts(spki, "m", c.signature), c.accepted) << c.name;
  }
}

// Every octet of signature, message and key, one after the other.
TEST(HotKey, AgreesWithBoringSslOnEveryChangedOctet) {
  const TestSigner signer;
  const std::string message = "a message of some octets";
  const std::string spki = signer.SpkiDer();
  const std::string signature = signer.Sign(message);
  const auto key = HotKey::New(spki);
  ASSERT_NE(key, nullptr);
  for (size_t i = 0; i < signature.size(); ++i) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      std::string changed = signature;
      changed[i] ^= change;
      EXPECT_EQ(key->Verifies(message, changed),
                BoringAccepts(spki, message, changed))
          << i;
      EXPECT_FALSE(key->Verifies(message, changed)) << i;
    }
  }
  for (size_t i = 0; i < message.size(); ++i) {
    std::string changed = message;
    changed[i] ^= 1;
    EXPECT_FALSE(key->Verifies(changed, signature)) << i;
  }
  for (size_t i = 0; i < spki.size(); ++i) {
    std::string changed = spki;
    changed[i] ^= 1;
    const auto other = HotKey::New(changed);
    EXPECT_EQ(other != nullptr && other->Verifies(message, signature),
              BoringAccepts(changed, message, signature))
        << i;
  }
}

TEST(HotKey, StepsAsideForWhatIsNoKeyOfItsKind) {
  const TestSigner signer;
  const bssl::UniquePtr<EVP_PKEY> ed25519(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const uint8_t*>(kSpkiHead),
      32));
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(ed25519.get(), &der);
  const std::string ed25519_spki(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  const struct {
    const char* name;
    std::string spki;
  } cases[] = {
      {"nothing", ""},
      {"garbage", "not a key"},
      {"an octet behind", signer.SpkiDer() + '\0'},
      {"not on the curve", Octets(kSpkiHead) + std::string(64, '\x05')},
      {"P-384", TestSigner(NID_secp384r1).SpkiDer()},
      {"Ed25519", ed25519_spki},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(HotKey::New(c.spki), nullptr) << c.name;
  }
}

}  // namespace
}  // namespace masa::verification
