// Which chains hold: names, times, constraints, kinds of keys.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/x509v3.h"
#include "services/testing/test_pki.h"
#include "services/verification/test_hot_chain.h"

namespace masa::verification {
namespace {

using testing::CertificateSpec;
using testing::Identity;
using testing::KeyKind;
using testing::MakeIdentity;

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

// Without identifiers nothing but the signature tells issuers of one name
// apart, also where it was remembered under another.
TEST_F(HotChain, KnowsAnIssuerFromItsNamesake) {
  const auto spec = [](const char* name, bool is_ca) {
    CertificateSpec spec = Spec(name, is_ca);
    spec.key_identifiers = false;
    return spec;
  };
  const Identity root = MakeIdentity(spec("root", true));
  const Identity ca = MakeIdentity(spec("ca", true), &root);
  const Identity device = MakeIdentity(spec("device", false), &ca);
  const Identity other_root = MakeIdentity(spec("root", true));
  const Identity other_ca = MakeIdentity(spec("ca", true), &root);
  const auto under = [&](const Identity& issuer, const Identity& anchor) {
    return ChainQuestion{device.CertificateDer(),
                         {issuer.CertificateDer()},
                         {anchor.CertificateDer()},
                         Now()};
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Holds(under(ca, root)));
    EXPECT_FALSE(Holds(under(ca, other_root)));
    EXPECT_FALSE(Holds(under(other_ca, root)));
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

}  // namespace
}  // namespace masa::verification
