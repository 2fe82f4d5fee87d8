// Certificates taken apart, changed and put together again.
#include <string>

#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/x509.h"
#include "services/testing/test_pki.h"
#include "services/verification/test_certificate_parts.h"
#include "services/verification/test_hot_chain.h"

namespace masa::verification {
namespace {

using testing::Identity;
using testing::MakeIdentity;

// `parts` with another algorithm in both places.
Parts WithAlgorithm(Parts parts, const std::string& algorithm) {
  std::string content = parts.tbs.substr(4);
  content.replace(content.find(parts.algorithm), parts.algorithm.size(),
                  algorithm);
  const std::string length = {static_cast<char>(content.size() >> 8),
                              static_cast<char>(content.size())};
  return {"\x30\x82" + length + content, algorithm, ""};
}

TEST_F(HotChain, TakesTheSignaturesThatBoringSslTakes) {
  const std::string ca = ca_.CertificateDer();
  const Parts good = PartsOf(device_.CertificateDer());
  const std::string sha256 = good.algorithm;
  const std::string sha384 = sha256.substr(0, sha256.size() - 1) + "\x03";
  const std::string null_parameters =
      "\x30\x0c" + sha256.substr(2) + std::string("\x05\x00", 2);
  const Identity by_sha384 = MakeIdentity(DeviceSpec(), &ca_);
  X509_sign(by_sha384.certificate.get(), ca_.key.get(), EVP_sha384());
  const std::string sha384_leaf = by_sha384.CertificateDer();
  const auto with = [&](const auto& change) {
    Parts parts = good;
    change(parts);
    return DerOf(parts);
  };
  const struct {
    const char* name;
    std::string leaf;
    bool holds;
  } cases[] = {
      {"as made", DerOf(good), true},
      {"signed again", DerOf(Resigned(good, ca_)), true},
      {"by its own key", DerOf(Resigned(good, device_)), false},
      {"another algorithm outside",
       with([&](auto& p) { p.algorithm = sha384; }), false},
      {"parameters outside alone",
       with([&](auto& p) { p.algorithm = null_parameters; }), false},
      {"parameters in both places",
       DerOf(Resigned(WithAlgorithm(good, null_parameters), ca_)), true},
      {"called SHA-384 in both places",
       DerOf(Resigned(WithAlgorithm(good, sha384), ca_)), false},
      {"SHA-384", sha384_leaf, true},
      {"unused bits", with([](auto& p) { p.unused_bits = 1; }), false},
      {"too many unused bits", with([](auto& p) { p.unused_bits = 8; }), false},
      {"no signature", with([](auto& p) { p.signature.clear(); }), false},
      {"an octet behind", with([](auto& p) { p.signature += '\0'; }), false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(Holds({c.leaf, {}, {ca}, Now()}), c.holds);
    }
  }
}

// Each octet changed, of a leaf and of the CA above it.
TEST_F(HotChain, AgreesOnEveryChangedOctet) {
  const std::string device = device_.CertificateDer();
  const std::string ca = ca_.CertificateDer();
  const std::string root = root_.CertificateDer();
  ASSERT_TRUE(Holds({device, {ca}, {root}, Now()}));
  for (size_t i = 0; i < device.size(); ++i) {
    std::string changed = device;
    changed[i] ^= 1 << (i % 8);
    EXPECT_FALSE(Holds({changed, {ca}, {root}, Now()})) << i;
  }
  for (size_t i = 0; i < ca.size(); ++i) {
    std::string changed = ca;
    changed[i] ^= 1 << (i % 8);
    for (int asked = 0; asked < 2; ++asked) {
      EXPECT_FALSE(Holds({device, {changed}, {root}, Now()})) << i;
    }
  }
}

// The same with good signatures over what was changed, so that everything but
// the signature decides.
TEST_F(HotChain, AgreesOnEveryChangedOctetThatWasSigned) {
  const std::string ca = ca_.CertificateDer();
  const std::string root = root_.CertificateDer();
  int held = 0;
  int refused = 0;
  const auto count = [&](bool holds) { ++(holds ? held : refused); };
  const Parts leaf_parts = PartsOf(device_.CertificateDer());
  for (size_t i = 0; i < leaf_parts.tbs.size(); ++i) {
    for (const char change : {'\x01', '\x20', '\x82'}) {
      Parts changed = leaf_parts;
      changed.tbs[i] ^= change;
      count(Holds({DerOf(Resigned(changed, ca_)),
                   {},
                   {ca},
                   Now(),
                   /*ignore_validity=*/i % 2 == 0}));
    }
  }
  EXPECT_GT(held, 100);
  EXPECT_GT(refused, 100);
  const Parts ca_parts = PartsOf(ca);
  for (size_t i = 0; i < ca_parts.tbs.size(); ++i) {
    Parts changed = ca_parts;
    changed.tbs[i] ^= 1 << (i % 8);
    count(Holds({device_.CertificateDer(),
                 {DerOf(Resigned(changed, root_))},
                 {root},
                 Now()}));
  }
}

}  // namespace
}  // namespace masa::verification
