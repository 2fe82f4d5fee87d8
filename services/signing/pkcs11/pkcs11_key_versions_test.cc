// Versions of keys in SoftHSM: made, found by another process's signer, signed
// with, and gone with their token.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/signing/certificate_request.h"
#include "services/signing/pkcs11/pkcs11_signer.h"
#include "services/signing/pkcs11/test_events.h"
#include "services/signing/pkcs11/test_misbehaviour.h"
#include "services/signing/pkcs11/test_soft_hsm.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"

namespace masa::signing {
namespace {

constexpr SignatureAlgorithm kMade = SignatureAlgorithm::kEcdsaP256Sha256;

class Pkcs11KeyVersions : public ::testing::Test {
 protected:
  Pkcs11KeyVersions() { hsm_.AddToken("one"); }

  // Key "v" of tenant "a", which has its versions alone.
  std::unique_ptr<Pkcs11Signer> Signer(
      const std::vector<TokenOptions>& tokens = {{"one", "1234", 2}},
      const char* path = kSoftHsm) {
    auto module = Pkcs11Module::Load(path);
    EXPECT_TRUE(module.ok()) << module.status();
    Pkcs11Key key;
    key.key = {"v", "", {Kind::kVoucherCms}, false, "a"};
    key.in_token.label = "vouchers";
    SessionPoolOptions pool;
    pool.tokens = tokens;
    auto signer = Pkcs11Signer::New(*std::move(module), pool, {key}, heard_);
    EXPECT_TRUE(signer.ok()) << signer.status();
    return *std::move(signer);
  }

  static absl::Status SignWith(Pkcs11Signer& signer, const std::string& key,
                               const KeyDescription& made) {
    std::vector<ToBeSigned> items;
    items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), made.algorithm));
    const auto signature = signer.Sign({}, key, items).front();
    return signature.ok() ? verification::BoringVerifier().VerifySignature(
                                made.algorithm, made.spki_der,
                                items[0].octets(), *signature)
                          : signature.status();
  }

  SoftHsm hsm_;
  Heard heard_;
};

TEST_F(Pkcs11KeyVersions, AreMadeInTheTokenWithEveryAlgorithm) {
  const auto signer = Signer();
  for (const auto algorithm :
       {SignatureAlgorithm::kEcdsaP256Sha256,
        SignatureAlgorithm::kEcdsaP384Sha384,
        SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519}) {
    const KeyName name = {"v", static_cast<int32_t>(algorithm)};
    const auto made = signer->Create({}, "a", name, algorithm);
    ASSERT_TRUE(made.ok()) << NameOf(name) << made.status();
    EXPECT_EQ(made->algorithm, algorithm);
    const absl::Status status = SignWith(*signer, NameOf(name), *made);
    EXPECT_TRUE(status.ok()) << NameOf(name) << status;
  }
  EXPECT_THAT(heard_.lines(), ::testing::IsEmpty());
}

// A signer whose tokens were open before the version was made.
TEST_F(Pkcs11KeyVersions, AreFoundByOtherSignersWithoutANewLogin) {
  const auto other = Signer();
  const auto made = Signer()->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto seen = other->Describe({}, "v@1");
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->spki_der, made->spki_der);
  EXPECT_TRUE(SignWith(*other, "v@1", *made).ok());
  EXPECT_EQ(ReasonOf(other->Describe({}, "v@2").status()), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(other->Describe({}, "w@1").status()), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(other->Describe({}, "v").status()), Reason::kKeyUnknown);
}

TEST_F(Pkcs11KeyVersions, AreMadeOnceAndForTheirTenant) {
  const auto signer = Signer();
  const auto make = [&](const std::string& tenant, const KeyName& name) {
    return ReasonOf(signer->Create({}, tenant, name, kMade).status());
  };
  ASSERT_TRUE(signer->Create({}, "a", {"v", 1}, kMade).ok());
  EXPECT_EQ(make("a", {"v", 1}), Reason::kStateNotAllowed);
  EXPECT_EQ(make("b", {"v", 2}), Reason::kKeyUnknown);
  EXPECT_EQ(make("", {"v", 2}), Reason::kKeyUnknown);
  EXPECT_EQ(make("a", {"w", 1}), Reason::kKeyUnknown);
  EXPECT_EQ(make("a", {"v", 0}), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(signer->Import({}, "a", {"v", 3}, "pem").status()),
            Reason::kInvalidArgument);
  EXPECT_EQ(signer->Slots({}, "a")->size(), 1u);
  EXPECT_TRUE(signer->Slots({}, "b")->empty());
}

// One of two tokens has the version; what comes to the other goes on.
TEST_F(Pkcs11KeyVersions, AreAskedOfATokenThatHasThem) {
  hsm_.AddToken("two");
  const auto signer = Signer({{"one", "1234", 2}, {"two", "1234", 2}});
  const auto made = signer->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  for (int i = 0; i < 20; ++i) {
    const absl::Status status = SignWith(*signer, "v@1", *made);
    ASSERT_TRUE(status.ok()) << status;
  }
}

TEST_F(Pkcs11KeyVersions, SurviveATokenThatComesBack) {
  const auto signer = Signer({{"one", "1234", 2}}, kMisbehavingModule);
  const auto made = signer->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(SignWith(*signer, "v@1", *made).ok());
  Misbehaviour* const misbehaviour = GetMisbehaviour();
  ASSERT_NE(misbehaviour, nullptr);
  misbehaviour->sign_failures = 1;
  const absl::Status status = SignWith(*signer, "v@1", *made);
  EXPECT_TRUE(status.ok()) << status;
}

// It says so at once, and goes on signing with what it has.
TEST_F(Pkcs11KeyVersions, AFullTokenIsSaidAndItsKeysSignOn) {
  const auto signer = Signer({{"one", "1234", 2}}, kMisbehavingModule);
  const auto made = signer->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  Misbehaviour* const misbehaviour = GetMisbehaviour();
  ASSERT_NE(misbehaviour, nullptr);
  misbehaviour->failure = CKR_DEVICE_MEMORY;
  misbehaviour->make_key_failures = 100;
  const absl::Status full = signer->Create({}, "a", {"v", 2}, kMade).status();
  EXPECT_EQ(ReasonOf(full), Reason::kSignerUnavailable);
  EXPECT_THAT(std::string(full.message()),
              ::testing::HasSubstr("token one: it answered CKR_DEVICE_MEMORY"));
  EXPECT_EQ(misbehaviour->keys_asked_for, 1);
  EXPECT_EQ(misbehaviour->logins, 0) << "no new session helps";
  EXPECT_TRUE(SignWith(*signer, "v@1", *made).ok());
  EXPECT_EQ(ReasonOf(signer->Describe({}, "v@2").status()),
            Reason::kKeyUnknown);
  // When there is room again, so is the version.
  misbehaviour->make_key_failures = 0;
  EXPECT_TRUE(signer->Create({}, "a", {"v", 2}, kMade).ok());
  EXPECT_THAT(heard_.lines(), ::testing::IsEmpty());
}

TEST_F(Pkcs11KeyVersions, ADestroyedVersionIsGoneForEverySigner) {
  const auto signer = Signer();
  const auto other = Signer();
  const auto made = signer->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto kept = signer->Create({}, "a", {"v", 2}, kMade);
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_TRUE(SignWith(*other, "v@1", *made).ok());
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "b", {"v", 1})), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "", {"v", 1})), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "a", {"v", 0})), Reason::kKeyUnknown);
  ASSERT_TRUE(signer->Destroy({}, "a", {"v", 1}).ok());
  EXPECT_EQ(ReasonOf(signer->Describe({}, "v@1").status()),
            Reason::kKeyUnknown);
  EXPECT_FALSE(SignWith(*other, "v@1", *made).ok());
  EXPECT_EQ(ReasonOf(Signer()->Describe({}, "v@1").status()),
            Reason::kKeyUnknown);
  EXPECT_TRUE(SignWith(*signer, "v@2", *kept).ok());
  EXPECT_TRUE(SignWith(*other, "v@2", *kept).ok());
  EXPECT_TRUE(signer->Destroy({}, "a", {"v", 1}).ok()) << "it is gone";
}

// A copy that nobody thinks of is worse than none destroyed.
TEST_F(Pkcs11KeyVersions, NothingIsDestroyedWhileATokenIsAway) {
  const auto made = Signer()->Create({}, "a", {"v", 1}, kMade);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto signer = Signer({{"one", "1234", 2}, {"two", "1234", 2}});
  const absl::Status refused = signer->Destroy({}, "a", {"v", 1});
  EXPECT_EQ(ReasonOf(refused), Reason::kSignerUnavailable);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("two"));
  EXPECT_TRUE(SignWith(*Signer(), "v@1", *made).ok());
}

TEST_F(Pkcs11KeyVersions, AnHsmThatIsAwayIsSaid) {
  const auto signer = Signer({{"one", "0000", 2}});
  EXPECT_EQ(ReasonOf(signer->Create({}, "a", {"v", 1}, kMade).status()),
            Reason::kSignerUnavailable);
  EXPECT_EQ(ReasonOf(signer->Describe({}, "v@1").status()),
            Reason::kSignerUnavailable);
}

}  // namespace
}  // namespace masa::signing
