#include "services/signing/pkcs11/pkcs11_signer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/signing/pkcs11/test_events.h"
#include "services/signing/pkcs11/test_misbehaviour.h"
#include "services/signing/pkcs11/test_soft_hsm.h"
#include "services/signing/test_items.h"
#include "services/signing/test_signer_contract.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"

namespace masa::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Pkcs11Key KeyOf(const Identity& identity, const std::string& label = "k") {
  Pkcs11Key key;
  key.key = SourceOf(identity).key;
  key.in_token.label = label;
  return key;
}

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> SignerWith(
    const std::vector<Pkcs11Key>& keys, TokenEvents& events,
    const std::vector<TokenOptions>& tokens = {{"one", "1234", 2}},
    const char* path = kSoftHsm) {
  auto module = Pkcs11Module::Load(path);
  EXPECT_TRUE(module.ok()) << module.status();
  SessionPoolOptions pool;
  pool.tokens = tokens;
  return Pkcs11Signer::New(*std::move(module), pool, keys, events);
}

// Token "one" with key "k", and who hears of it.
struct OneToken {
  explicit OneToken(KeyKind kind = KeyKind::kP256) : identity(Make(kind)) {
    hsm.AddToken("one");
    hsm.AddKey("one", identity, "k");
  }
  const Identity identity;
  SoftHsm hsm;
  Heard heard;
};

std::vector<ToBeSigned> OneItem() {
  std::vector<ToBeSigned> items;
  items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), kP256));
  return items;
}

// OP-01, OP-21: every algorithm in every format is signed in the token.
TEST(Pkcs11Signer, SignsWithEveryAlgorithmInEveryFormat) {
  const struct {
    KeyKind key;
    SignatureAlgorithm algorithm;
  } cases[] = {{KeyKind::kP256, kP256},
               {KeyKind::kP384, SignatureAlgorithm::kEcdsaP384Sha384},
               {KeyKind::kRsa2048, SignatureAlgorithm::kRsaPkcs1Sha256},
               {KeyKind::kEd25519, SignatureAlgorithm::kEd25519}};
  for (const auto& c : cases) {
    OneToken one(c.key);
    Pkcs11Key key = KeyOf(one.identity);
    key.key.kinds = {Kind::kVoucherCms, Kind::kVoucherJws, Kind::kVoucherCose};
    const auto signer = SignerWith({key}, one.heard);
    ASSERT_TRUE(signer.ok()) << signer.status();
    EXPECT_EQ((*signer)->Describe({}, "k")->algorithm, c.algorithm);
    ExpectSignsInEveryFormat(**signer, one.identity, c.algorithm);
  }
}

TEST(Pkcs11Signer, KeepsTheContractOfAllSigners) {
  OneToken one;
  Pkcs11Key other = KeyOf(one.identity);
  other.key.name = "other";
  other.key.kinds = {Kind::kTest};
  const auto signer = SignerWith({KeyOf(one.identity), other}, one.heard);
  ASSERT_TRUE(signer.ok()) << signer.status();
  ExpectAnItemFailsAlone(**signer, "other");
  EXPECT_THAT(one.heard.lines(), ElementsAre());
}

// A batch is spread over sessions, and each signature comes back in its place.
TEST(Pkcs11Signer, SignsALargeBatchInOrder) {
  OneToken one;
  const auto signer =
      SignerWith({KeyOf(one.identity)}, one.heard, {{"one", "1234", 8}});
  ASSERT_TRUE(signer.ok()) << signer.status();
  std::vector<ToBeSigned> items;
  for (int i = 0; i < 300; ++i) {
    wire::Voucher voucher = NoncedVoucher();
    voucher.serial_number = absl::StrCat("DEMO-", i);
    items.push_back(Prepare(voucher, voucher, kP256));
  }
  const auto spki =
      (*wire::Certificate::Parse(one.identity.CertificateDer()))->spki_der;
  const auto signatures = (*signer)->Sign({}, "k", items);
  ASSERT_EQ(signatures.size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    ASSERT_TRUE(signatures[i].ok()) << i << signatures[i].status();
    EXPECT_TRUE(
        verification::BoringVerifier()
            .VerifySignature(kP256, spki, items[i].octets(), *signatures[i])
            .ok());
  }
}

// What the module answers is believed only when it verifies.
TEST(Pkcs11Signer, ReleasesNoSignatureThatDoesNotVerify) {
  OneToken one;
  const auto signer = SignerWith({KeyOf(one.identity)}, one.heard,
                                 {{"one", "1234", 2}}, kMisbehavingModule);
  ASSERT_TRUE(signer.ok()) << signer.status();
  Misbehaviour* const misbehaviour = GetMisbehaviour();
  ASSERT_NE(misbehaviour, nullptr);
  misbehaviour->wrong_signatures = 1;
  const auto wrong = (*signer)->Sign({}, "k", OneItem())[0];
  EXPECT_EQ(ReasonOf(wrong.status()), Reason::kSignerUnavailable);
  EXPECT_THAT(std::string(wrong.status().message()),
              HasSubstr("no signature of key k"));
  EXPECT_TRUE((*signer)->Sign({}, "k", OneItem())[0].ok());
}

// It starts, so that nobody starts it again and again, and says why it can't
// sign.
TEST(Pkcs11Signer, AWrongPinIsSaidAndLeavesTheProcessAlive) {
  OneToken one;
  const auto signer =
      SignerWith({KeyOf(one.identity)}, one.heard, {{"one", "0000", 2}});
  ASSERT_TRUE(signer.ok()) << signer.status();
  EXPECT_THAT((*signer)->Report(),
              ElementsAre("token one is not open: CKR_PIN_INCORRECT"));
  EXPECT_EQ(ReasonOf((*signer)->Describe({}, "k").status()),
            Reason::kSignerUnavailable);
  EXPECT_EQ(ReasonOf((*signer)->Sign({}, "k", OneItem())[0].status()),
            Reason::kSignerUnavailable);
}

// What was found is said at start; what can't be right ends it.
TEST(Pkcs11Signer, SaysAtStartWhatIsMissingOrWrong) {
  OneToken one;
  const Identity& identity = one.identity;
  const Identity stranger = Make(KeyKind::kP256);
  one.hsm.AddKey("one", stranger, "twin", "02");
  one.hsm.AddKey("one", identity, "twin", "03");
  Pkcs11Key by_id = KeyOf(identity, "twin");
  by_id.in_token.id = "\x03";
  Pkcs11Key no_chain = KeyOf(identity);
  no_chain.key.chain_pem.clear();
  const struct {
    const char* name;
    std::vector<Pkcs11Key> keys;
    const char* sentence;
  } cases[] = {
      {"by label", {KeyOf(identity)}, ""},
      {"by label and id", {by_id}, ""},
      {"two of one label", {KeyOf(identity, "twin")}, "more than one such key"},
      {"not there", {KeyOf(identity, "lost")}, "no token that is open has"},
      {"another certificate",
       {KeyOf(stranger)},
       "the first certificate of the chain is not that of the key"},
      {"no certificate", {no_chain}, "holds no certificate"},
      {"one name twice",
       {KeyOf(identity), KeyOf(identity)},
       "two keys have this name"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Heard heard;
    const auto signer = SignerWith(c.keys, heard);
    if (*c.sentence == '\0') {
      ASSERT_TRUE(signer.ok()) << signer.status();
      EXPECT_THAT((*signer)->Report(), ElementsAre("token one has key k"));
      EXPECT_TRUE((*signer)->Sign({}, "k", OneItem())[0].ok());
    } else {
      EXPECT_EQ(ReasonOf(signer.status()), Reason::kMisconfigured);
      EXPECT_THAT(std::string(signer.status().message()),
                  HasSubstr(c.sentence));
    }
  }
}

TEST(Pkcs11Signer, SaysWhichFileIsNoModule) {
  for (const char* path :
       {"/nowhere/module.so", "/usr/lib/x86_64-linux-gnu/libm.so.6"}) {
    const auto module = Pkcs11Module::Load(path);
    EXPECT_EQ(ReasonOf(module.status()), Reason::kMisconfigured);
    EXPECT_THAT(std::string(module.status().message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace masa::signing
