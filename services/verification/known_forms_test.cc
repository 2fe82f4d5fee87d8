// Leaves under an anchor whose form is known. Every question goes to
// BoringVerifier too (test_hot_chain.h), so that an answer by form that it
// would not give fails.
#include "services/verification/known_forms.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/x509v3.h"
#include "services/verification/test_certificate_parts.h"
#include "services/verification/test_hot_chain.h"

namespace masa::verification {
namespace {

using testing::CertificateSpec;
using testing::Identity;
using testing::MakeIdentity;

std::string SharedBy(const std::string& der) {
  const auto form = FormOfLeaf(der);
  return form ? form->shared : "";
}

class Forms : public HotChain {
 protected:
  // Whether the form of the leaf is learned from the question, and then known.
  bool IsKnownAfter(const ChainQuestion& question) {
    const ParsedCertificates parsed;
    KnownForms forms(parsed);
    const auto form = FormOfLeaf(question.leaf_der);
    const auto chain = BoringVerifier().VerifyChain(question);
    EXPECT_TRUE(form.has_value());
    EXPECT_TRUE(chain.ok()) << chain.status();
    EXPECT_EQ(forms.AnchorFor(question, *form), nullptr);
    forms.Learn(question, *form, *chain);
    return forms.AnchorFor(question, *form) != nullptr;
  }

  // A device of the root's own, taught to all verifiers.
  std::string Taught() {
    const std::string der = device_of_root_.CertificateDer();
    EXPECT_TRUE(Holds({der, {}, {root_.CertificateDer()}, Now()}));
    return der;
  }

  const Identity device_of_root_ = MakeIdentity(DeviceSpec(), &root_);
};

TEST_F(Forms, AreSharedByDevicesThatAreMadeAlike) {
  const std::string shared = SharedBy(Taught());
  ASSERT_FALSE(shared.empty());
  CertificateSpec spec = DeviceSpec();
  spec.common_name = "another device of a longer name";
  spec.subject_serial_number = "SN-000002";
  spec.not_before = Now() - absl::Hours(1);
  const Identity alike = MakeIdentity(spec, &root_);
  EXPECT_EQ(SharedBy(alike.CertificateDer()), shared);
  EXPECT_TRUE(
      Holds({alike.CertificateDer(), {}, {root_.CertificateDer()}, Now()}));
  EXPECT_NE(SharedBy(device_.CertificateDer()), shared);
}

TEST_F(Forms, DifferWithWhatIsJudged) {
  const std::string shared = SharedBy(Taught());
  const struct {
    const char* name;
    void (*change)(CertificateSpec*);
    bool plain;
  } cases[] = {
      {"a CA", [](auto* s) { s->is_ca = true; }, true},
      {"a critical extension",
       [](auto* s) {
         s->extended_key_usages = {testing::kCmcRa};
         s->extended_key_usage_critical = true;
       },
       true},
      {"other names", [](auto* s) { s->subject_alternative_names = {}; }, true},
      {"no key identifiers", [](auto* s) { s->key_identifiers = false; }, true},
      {"one more name", [](auto* s) { s->organization = "o"; }, true},
      {"P-384", [](auto* s) { s->key = testing::KeyKind::kP384; }, false},
      {"RSA", [](auto* s) { s->key = testing::KeyKind::kRsa2048; }, false},
      {"no serialNumber", [](auto* s) { s->subject_serial_number = ""; },
       false},
      {"not ASCII", [](auto* s) { s->common_name = "\xc3\xa9"; }, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    CertificateSpec spec = DeviceSpec();
    c.change(&spec);
    const std::string der = MakeIdentity(spec, &root_).CertificateDer();
    EXPECT_NE(SharedBy(der), shared);
    EXPECT_EQ(FormOfLeaf(der).has_value(), c.plain);
    Holds({der, {}, {root_.CertificateDer()}, Now()});
  }
}

// BoringSSL takes serial numbers that RFC 5280 section 4.1.2.2 does not allow;
// those go its way.
TEST_F(Forms, HaveSerialNumbersThatArePositive) {
  constexpr size_t kSerial = 11;  // behind the heads, and the version
  Parts parts = PartsOf(device_of_root_.CertificateDer());
  ASSERT_TRUE(FormOfLeaf(DerOf(parts)).has_value());
  parts.tbs[kSerial] |= '\x80';
  const std::string negative = DerOf(Resigned(parts, root_));
  EXPECT_FALSE(FormOfLeaf(negative).has_value());
  Holds({negative, {}, {root_.CertificateDer()}, Now()});
}

TEST_F(Forms, AreKnownUnderALoneSelfSignedAnchor) {
  const std::string leaf = device_of_root_.CertificateDer();
  const std::string root = root_.CertificateDer();
  const std::string ca = ca_.CertificateDer();
  // The same key and name, so that either may stand above the leaf.
  const std::string twin =
      testing::Reissue(root_, Spec("root", true)).CertificateDer();
  const std::string namesake =
      MakeIdentity(Spec("root", true)).CertificateDer();
  EXPECT_TRUE(IsKnownAfter({leaf, {}, {root}, Now()}));
  EXPECT_TRUE(IsKnownAfter({leaf, {ca}, {root}, Now()}));
  EXPECT_TRUE(IsKnownAfter({leaf, {root, ca, root}, {root}, Now()}));
  EXPECT_FALSE(IsKnownAfter({leaf, {}, {root, root}, Now()}));
  EXPECT_FALSE(IsKnownAfter({leaf, {}, {root, twin}, Now()}));
  EXPECT_FALSE(IsKnownAfter({leaf, {}, {root, namesake}, Now()}));
  EXPECT_FALSE(IsKnownAfter({leaf, {namesake}, {root}, Now()}));
  EXPECT_FALSE(IsKnownAfter({leaf, {leaf}, {root}, Now()}));
  EXPECT_FALSE(IsKnownAfter(
      {device_.CertificateDer(), {}, {ca}, Now()}));  // not self-signed
  EXPECT_FALSE(IsKnownAfter({device_.CertificateDer(), {ca}, {root}, Now()}));
}

TEST_F(Forms, AreNotKnownUnderAnAnchorThatConstrainsNames) {
  const Identity constrained = MakeIdentity(Spec("constrained", true));
  bssl::UniquePtr<X509_EXTENSION> extension(X509V3_EXT_nconf_nid(
      nullptr, nullptr, NID_name_constraints, "permitted;DNS:example.com"));
  ASSERT_NE(extension, nullptr);
  X509_add_ext(constrained.certificate.get(), extension.get(), -1);
  X509_sign(constrained.certificate.get(), constrained.key.get(), EVP_sha256());
  const std::string anchor = constrained.CertificateDer();
  const Identity reread = testing::IdentityFromPem(constrained.CertificatePem(),
                                                   constrained.KeyPem());
  const std::string leaf = MakeIdentity(DeviceSpec(), &reread).CertificateDer();
  EXPECT_FALSE(IsKnownAfter({leaf, {}, {anchor}, Now()}));
  CertificateSpec spec = DeviceSpec();
  spec.subject_alternative_names = {"DNS:device.example.org"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Holds({leaf, {}, {anchor}, Now()}));
    EXPECT_FALSE(Holds(
        {MakeIdentity(spec, &reread).CertificateDer(), {}, {anchor}, Now()}));
  }
}

// What is known of a form answers no question about another anchor.
TEST_F(Forms, AnswerForTheQuestionsAnchorsAlone) {
  const std::string leaf = Taught();
  const std::string root = root_.CertificateDer();
  EXPECT_FALSE(Holds({leaf, {}, {}, Now()}));
  EXPECT_FALSE(Holds({leaf, {root}, {}, Now()}));
  EXPECT_FALSE(Holds({leaf, {}, {ca_.CertificateDer()}, Now()}));
  EXPECT_FALSE(Holds(
      {leaf, {}, {MakeIdentity(Spec("root", true)).CertificateDer()}, Now()}));
  EXPECT_FALSE(Holds({leaf, {}, {root, "no certificate"}, Now()}));
  EXPECT_FALSE(Holds({leaf, {"no certificate"}, {root}, Now()}));
  EXPECT_TRUE(Holds({leaf, {}, {ca_.CertificateDer(), root}, Now()}));
  EXPECT_TRUE(Holds({leaf, {}, {leaf, root}, Now()}));
  bool held = true;
  for (size_t copies = 1; copies <= 40; ++copies) {
    held = Holds({leaf, std::vector<std::string>(copies, root), {root}, Now()});
  }
  EXPECT_FALSE(held) << "more certificates than a question may have";
}

TEST_F(Forms, HoldInTheirTimeAlone) {
  const std::string leaf = Taught();
  const std::string root = root_.CertificateDer();
  for (const int hours : {-25, -23, -1, 0, 1, 11, 13, 23, 25}) {
    const absl::Time at = Now() + absl::Hours(hours);
    EXPECT_EQ(Holds({leaf, {}, {root}, at}), hours > -24 && hours < 12);
    EXPECT_TRUE(Holds({leaf, {}, {root}, at, /*ignore_validity=*/true}));
  }
}

// Each octet changed in turn, with the signature as it was and made anew.
TEST_F(Forms, AgreeOnEveryChangedOctet) {
  const std::string leaf = Taught();
  const std::string shared = SharedBy(leaf);
  const std::string root = root_.CertificateDer();
  for (size_t i = 0; i < leaf.size(); ++i) {
    std::string changed = leaf;
    changed[i] ^= 1 << (i % 8);
    EXPECT_FALSE(Holds({changed, {}, {root}, Now()})) << i;
  }
  int by_form = 0, others = 0, refused = 0;
  const Parts parts = PartsOf(leaf);
  for (size_t i = 0; i < parts.tbs.size(); ++i) {
    for (const char change : {'\x01', '\x04', '\x20', '\x82', '\xff'}) {
      Parts changed = parts;
      changed.tbs[i] ^= change;
      const std::string der = DerOf(Resigned(changed, root_));
      const bool held = Holds({der,
                               {},
                               {root},
                               Now(),
                               /*ignore_validity=*/i % 2 == 0});
      const bool alike = SharedBy(der) == shared;
      ++(!held ? refused : alike ? by_form : others);
    }
  }
  EXPECT_GT(by_form, 300);
  EXPECT_GT(others, 50);
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace masa::verification
