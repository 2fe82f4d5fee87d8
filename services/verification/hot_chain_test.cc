// Chains under hot keys. Every question is put to BoringVerifier too, and to a
// HotKeyVerifier with nobody behind it: what that one accepts, it accepts by
// itself. All must agree, on the first asking and on later ones.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/asn1.h"
#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/x509v3.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/hot_key_verifier.h"

namespace masa::verification {
namespace {

using testing::CertificateSpec;
using testing::Identity;
using testing::KeyKind;
using testing::MakeIdentity;

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

CertificateSpec Spec(const std::string& name, bool is_ca,
                     KeyKind key = KeyKind::kP256) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Now() - absl::Hours(24);
  spec.not_after = Now() + absl::Hours(24);
  spec.is_ca = is_ca;
  spec.key = key;
  return spec;
}

CertificateSpec DeviceSpec() {
  CertificateSpec spec = Spec("a device", false);
  spec.subject_serial_number = "SN-1";
  spec.masa_url = "masa.example.com";
  spec.subject_alternative_names = {"DNS:device.example.com"};
  spec.not_after = Now() + absl::Hours(12);
  return spec;
}

// Of a certificate as it is written, each with its tag.
struct Parts {
  std::string tbs;
  std::string algorithm;
  std::string signature;  // the octets alone
  uint8_t unused_bits = 0;
};

std::string Text(const CBS& cbs) {
  return std::string(reinterpret_cast<const char*>(CBS_data(&cbs)),
                     CBS_len(&cbs));
}

Parts PartsOf(const std::string& der) {
  CBS all, certificate, tbs, algorithm, signature;
  CBS_init(&all, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  EXPECT_TRUE(
      CBS_get_asn1(&all, &certificate, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1_element(&certificate, &tbs, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1_element(&certificate, &algorithm, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1(&certificate, &signature, CBS_ASN1_BITSTRING) &&
      CBS_skip(&signature, 1));
  return {Text(tbs), Text(algorithm), Text(signature)};
}

std::string DerOf(const Parts& parts) {
  bssl::ScopedCBB cbb;
  CBB certificate, signature;
  const auto add = [](CBB* to, const std::string& octets) {
    EXPECT_EQ(CBB_add_bytes(to, reinterpret_cast<const uint8_t*>(octets.data()),
                            octets.size()),
              1);
  };
  CBB_init(cbb.get(), 0);
  CBB_add_asn1(cbb.get(), &certificate, CBS_ASN1_SEQUENCE);
  add(&certificate, parts.tbs);
  add(&certificate, parts.algorithm);
  CBB_add_asn1(&certificate, &signature, CBS_ASN1_BITSTRING);
  CBB_add_u8(&signature, parts.unused_bits);
  add(&signature, parts.signature);
  uint8_t* der = nullptr;
  size_t length = 0;
  EXPECT_EQ(CBB_finish(cbb.get(), &der, &length), 1);
  const std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

// Signed again by `issuer`, whatever the parts say.
Parts Resigned(Parts parts, const Identity& issuer) {
  bssl::ScopedEVP_MD_CTX context;
  size_t length = EVP_PKEY_size(issuer.key.get());
  parts.signature.resize(length);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                     issuer.key.get());
  EXPECT_EQ(EVP_DigestSign(context.get(),
                           reinterpret_cast<uint8_t*>(parts.signature.data()),
                           &length,
                           reinterpret_cast<const uint8_t*>(parts.tbs.data()),
                           parts.tbs.size()),
            1);
  parts.signature.resize(length);
  return parts;
}

// `identity` with one extension more, as OpenSSL writes it.
Identity With(const Identity& identity, int extension, const char* value,
              const Identity& issuer) {
  Identity altered = identity;
  altered.certificate.reset(X509_dup(identity.certificate.get()), X509_free);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), altered.certificate.get(),
                 nullptr, nullptr, 0);
  const bssl::UniquePtr<X509_EXTENSION> made(
      X509V3_EXT_nconf_nid(nullptr, &context, extension, value));
  EXPECT_NE(made, nullptr);
  X509* certificate = altered.certificate.get();
  if (const int old = X509_get_ext_by_NID(certificate, extension, -1);
      old >= 0) {
    X509_EXTENSION_free(X509_delete_ext(certificate, old));
  }
  X509_add_ext(certificate, made.get(), -1);
  EXPECT_GT(X509_sign(certificate, issuer.key.get(), EVP_sha256()), 0);
  return altered;
}

class NobodyBehind final : public Verifier {
 public:
  absl::Status VerifySignature(SignatureAlgorithm, absl::string_view,
                               absl::string_view,
                               absl::string_view) const override {
    return Refuse(Reason::kSignatureInvalid, "nobody was to be asked");
  }
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion&) const override {
    return Refuse(Reason::kChainInvalid, "nobody was to be asked");
  }
};

class HotChain : public ::testing::Test {
 protected:
  static constexpr HotKeyLimits kLimits{.tables = 64, .earned_after = 1};

  // Whether the chain holds, for all three.
  bool Holds(const ChainQuestion& question) {
    const auto expected = boring_.VerifyChain(question);
    for (const HotKeyVerifier* asked : {&alone_, &hot_}) {
      const auto chain = asked->VerifyChain(question);
      EXPECT_EQ(chain.ok(), expected.ok())
          << chain.status() << " instead of " << expected.status();
      if (chain.ok() && expected.ok()) {
        EXPECT_EQ(chain->chain_der, expected->chain_der);
        EXPECT_EQ(chain->not_after, expected->not_after);
      } else if (asked == &hot_) {
        EXPECT_EQ(chain.status(), expected.status());
      }
    }
    return expected.ok();
  }

  const Identity root_ = MakeIdentity(Spec("root", true));
  const Identity ca_ = MakeIdentity(Spec("ca", true), &root_);
  const Identity device_ = MakeIdentity(DeviceSpec(), &ca_);

 private:
  const NobodyBehind nobody_;
  const BoringVerifier boring_;
  const HotKeyVerifier alone_{nobody_, kLimits};
  const HotKeyVerifier hot_{boring_, kLimits};
};

struct ChainCase {
  const char* name;
  ChainQuestion question;
  bool holds;
};

TEST_F(HotChain, HoldsWhereverOneOfBoringSslHolds) {
  const std::string device = device_.CertificateDer();
  const std::string ca = ca_.CertificateDer();
  const std::string root = root_.CertificateDer();
  const Identity stranger_root = MakeIdentity(Spec("root", true));
  const Identity stranger = MakeIdentity(Spec("ca", true), &stranger_root);
  const absl::Duration day = absl::Hours(24);
  const ChainCase cases[] = {
      {"under the anchor", {device, {}, {ca}, Now()}, true},
      {"under an intermediate", {device, {ca}, {root}, Now()}, true},
      {"with all", {device, {root, ca}, {root, ca}, Now()}, true},
      {"the leaf is the anchor", {device, {ca}, {device}, Now()}, true},
      {"no anchor", {device, {ca, root}, {}, Now()}, false},
      {"an issuer of the same name",
       {device, {}, {stranger.CertificateDer()}, Now()},
       false},
      {"a root of the same name",
       {device, {ca}, {stranger_root.CertificateDer()}, Now()},
       false},
      {"garbage", {"garbage", {}, {ca}, Now()}, false},
      {"an octet behind", {device + "x", {}, {ca}, Now()}, false},
      {"before", {device, {ca}, {root}, Now() - day * 2}, false},
      {"after the leaf's end",
       {device, {ca}, {root}, Now() + absl::Hours(13)},
       false},
      {"before, at any time",
       {device, {ca}, {root}, Now() - day * 2, true},
       true},
      {"after, at any time",
       {device, {ca}, {root}, Now() + day * 400, true},
       true},
      {"a stranger's, at any time",
       {device, {}, {stranger.CertificateDer()}, Now(), true},
       false},
  };
  for (const ChainCase& c : cases) {
    SCOPED_TRACE(c.name);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(Holds(c.question), c.holds);
    }
  }
}

TEST_F(HotChain, ObeysWhatCertificatesSayOfChains) {
  const Identity permits = With(ca_, NID_name_constraints,
                                "critical,permitted;DNS:example.com", root_);
  const Identity excludes = With(ca_, NID_name_constraints,
                                 "critical,excluded;DNS:example.com", root_);
  const Identity below = MakeIdentity(Spec("below", true), &ca_);
  const Identity no_further =
      With(ca_, NID_basic_constraints, "critical,CA:TRUE,pathlen:0", root_);
  const Identity no_signer =
      With(ca_, NID_key_usage, "critical,digitalSignature", root_);
  const Identity no_ca =
      With(ca_, NID_basic_constraints, "critical,CA:FALSE", root_);
  // Of two CAs, so that the limit counts: it is not looked at in an anchor.
  const std::string deep = MakeIdentity(DeviceSpec(), &below).CertificateDer();
  const std::string device = device_.CertificateDer();
  const auto under = [&](const std::string& leaf,
                         std::vector<std::string> above) {
    return ChainQuestion{leaf, above, {root_.CertificateDer()}, Now()};
  };
  const ChainCase cases[] = {
      {"a permitted name", under(device, {permits.CertificateDer()}), true},
      {"an excluded name", under(device, {excludes.CertificateDer()}), false},
      {"two CAs", under(deep, {below.CertificateDer(), ca_.CertificateDer()}),
       true},
      {"one CA too many",
       under(deep, {below.CertificateDer(), no_further.CertificateDer()}),
       false},
      {"may not sign", under(device, {no_signer.CertificateDer()}), false},
      {"is no CA", under(device, {no_ca.CertificateDer()}), false},
      {"an unknown critical extension of the leaf",
       under(With(device_, NID_netscape_comment, "critical,x", ca_)
                 .CertificateDer(),
             {ca_.CertificateDer()}),
       false},
      {"an unknown critical extension of the CA",
       under(device, {With(ca_, NID_netscape_comment, "critical,x", root_)
                          .CertificateDer()}),
       false},
  };
  for (const ChainCase& c : cases) {
    SCOPED_TRACE(c.name);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(Holds(c.question), c.holds);
    }
  }
}

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

TEST_F(HotChain, LeavesOtherKeysToBoringSsl) {
  for (const KeyKind kind :
       {KeyKind::kP384, KeyKind::kP521, KeyKind::kRsa2048, KeyKind::kEd25519}) {
    const Identity ca = MakeIdentity(Spec("ca", true, kind), &root_);
    const Identity twin = MakeIdentity(Spec("ca", true, kind), &root_);
    const std::string leaf = MakeIdentity(DeviceSpec(), &ca).CertificateDer();
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(Holds(
          {leaf, {ca.CertificateDer()}, {root_.CertificateDer()}, Now()}));
      CertificateSpec without_identifiers = DeviceSpec();
      without_identifiers.key_identifiers = false;
      EXPECT_FALSE(
          Holds({MakeIdentity(without_identifiers, &twin).CertificateDer(),
                 {},
                 {ca.CertificateDer()},
                 Now()}));
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
    EXPECT_FALSE(Holds({device, {changed}, {root}, Now()})) << i;
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
