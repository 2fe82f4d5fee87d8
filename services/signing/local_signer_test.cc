#include "services/signing/local_signer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "services/signing/batch_digest.h"
#include "services/signing/synchronised_signer.h"
#include "services/signing/test_items.h"
#include "services/signing/test_signer_contract.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {
namespace {

TEST(BatchDigest, IsTheDigestWhateverMessagesShare) {
  const std::string header(200, 'h');
  const std::string messages[] = {"",
                                  header,
                                  header + "one",
                                  header + "another",
                                  header.substr(1),
                                  header.substr(0, 127) + "x" + header};
  for (const std::string& one : messages) {
    for (const std::string& another : messages) {
      const BatchDigest digest(one, another);
      for (const std::string& message : messages) {
        Sha256Digest whole;
        SHA256(reinterpret_cast<const uint8_t*>(message.data()), message.size(),
               whole.data());
        EXPECT_EQ(digest.Of(message), whole);
      }
    }
  }
}

// A batch goes to BatchEcdsa as a whole: what is refused among it leaves no gap
// and takes no other's signature.
TEST(LocalSigner, SignsABatchEachItemWithItsOwnOutcome) {
  const Identity identity = Make(KeyKind::kP256);
  const auto signer = LocalSigner::New({SourceOf(identity)});
  ASSERT_TRUE(signer.ok()) << signer.status();
  const auto form =
      wire::CmsTemplate::Create({identity.CertificateDer()}, kP256, false);
  std::vector<ToBeSigned> items;
  for (int i = 0; i < 300; ++i) {
    wire::Voucher voucher = NoncedVoucher();
    voucher.serial_number = absl::StrCat("DEMO-", i);
    const std::string content = JsonOf(voucher);
    if (i % 7 == 0) {
      voucher.serial_number = "another";
    }
    items.push_back(ToBeSigned::Voucher(
        masa::v1::FORMAT_CMS_JSON, form->EncodeSignedAttributes(content, Now()),
        content, voucher));
  }
  const auto signatures = (*signer)->Sign({}, "k", items);
  ASSERT_EQ(signatures.size(), items.size());
  const auto certificate = wire::Certificate::Parse(identity.CertificateDer());
  for (size_t i = 0; i < items.size(); ++i) {
    if (i % 7 == 0) {
      EXPECT_EQ(ReasonOf(signatures[i].status()), Reason::kKeyNotForThis) << i;
      continue;
    }
    ASSERT_TRUE(signatures[i].ok()) << i << signatures[i].status();
    EXPECT_TRUE(verification::BoringVerifier()
                    .VerifySignature(kP256, (*certificate)->spki_der,
                                     items[i].octets(), *signatures[i])
                    .ok())
        << i;
  }
  EXPECT_TRUE((*signer)->Sign({}, "k", {}).empty());
}

// OP-21, CO-02: every algorithm in every format: signed, read back by the
// parser, verified.
TEST(LocalSigner, SignsWithEveryAlgorithmInEveryFormat) {
  const struct {
    KeyKind key;
    SignatureAlgorithm algorithm;
  } cases[] = {{KeyKind::kP256, kP256},
               {KeyKind::kP384, SignatureAlgorithm::kEcdsaP384Sha384},
               {KeyKind::kRsa2048, SignatureAlgorithm::kRsaPkcs1Sha256},
               {KeyKind::kEd25519, SignatureAlgorithm::kEd25519}};
  for (const auto& c : cases) {
    const Identity identity = Make(c.key);
    LocalKeySource source = SourceOf(identity);
    source.key.kinds = {Kind::kVoucherCms, Kind::kVoucherJws,
                        Kind::kVoucherCose};
    const auto signer = LocalSigner::New({source});
    ASSERT_TRUE(signer.ok()) << signer.status();
    EXPECT_EQ((*signer)->Describe({}, "k")->algorithm, c.algorithm);
    ExpectSignsInEveryFormat(**signer, identity, c.algorithm);
  }
}

class SwitchedClock final : public ClockHealth {
 public:
  bool IsSynchronised() const override { return synchronised; }
  bool synchronised = false;
};

// OP-19: nothing is signed by a clock that may be wrong.
TEST(SynchronisedSigner, SignsByAGoodClockAlone) {
  const auto local = LocalSigner::New({SourceOf(Make(KeyKind::kP256))});
  ASSERT_TRUE(local.ok()) << local.status();
  SwitchedClock clock;
  SynchronisedSigner signer(**local, clock);
  EXPECT_TRUE(signer.Describe({}, "k").ok());
  std::vector<ToBeSigned> items;
  items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), kP256));
  EXPECT_EQ(ReasonOf(signer.Sign({}, "k", items)[0].status()),
            Reason::kSignerUnavailable);
  clock.synchronised = true;
  EXPECT_TRUE(signer.Sign({}, "k", items)[0].ok());
}

// AMB-01, OP-10: vouchers without nonce and end, which hold for the life of a
// device, are signed by keys alone that are guarded for them.
TEST(LocalSigner, AKeyForEndlessVouchersSaysSo) {
  wire::Voucher endless = NoncedVoucher();
  endless.nonce.reset();
  for (const bool allowed : {false, true}) {
    LocalKeySource source = SourceOf(Make(KeyKind::kP256));
    source.key.endless = allowed;
    const auto signer = LocalSigner::New({source});
    ASSERT_TRUE(signer.ok()) << signer.status();
    std::vector<ToBeSigned> items;
    items.push_back(Prepare(endless, endless, kP256));
    EXPECT_EQ((*signer)->Sign({}, "k", items)[0].ok(), allowed);
    wire::Voucher lasting = endless;
    lasting.expires_on = lasting.created_on + wire::kLongestLifetime;
    items[0] = Prepare(lasting, lasting, kP256);
    EXPECT_TRUE((*signer)->Sign({}, "k", items)[0].ok());
    lasting.expires_on = *lasting.expires_on + absl::Seconds(1);
    items[0] = Prepare(lasting, lasting, kP256);
    EXPECT_EQ((*signer)->Sign({}, "k", items)[0].ok(), allowed)
        << "as good as endless";
  }
}

TEST(LocalSigner, AnItemFailsAlone) {
  LocalKeySource other = SourceOf(Make(KeyKind::kP256));
  other.key.name = "other";
  other.key.kinds = {Kind::kTest};
  const auto signer = LocalSigner::New({SourceOf(Make(KeyKind::kP256)), other});
  ASSERT_TRUE(signer.ok()) << signer.status();
  ExpectAnItemFailsAlone(**signer, "other");
}

TEST(LocalSigner, RefusesFilesThatDoNotBelongTogether) {
  const LocalKeySource good = SourceOf(Make(KeyKind::kP256));
  LocalKeySource wrong_pair = good;
  wrong_pair.key.chain_pem = Make(KeyKind::kP256).CertificatePem();
  LocalKeySource no_key = good;
  no_key.private_key_pem = "garbage";
  LocalKeySource no_chain = good;
  no_chain.key.chain_pem.clear();
  const std::vector<LocalKeySource> cases[] = {
      {wrong_pair},
      {no_key},
      {no_chain},
      {good, good},
      {SourceOf(Make(KeyKind::kP521))}};
  for (const auto& sources : cases) {
    EXPECT_EQ(ReasonOf(LocalSigner::New(sources).status()),
              Reason::kMisconfigured);
  }
}

}  // namespace
}  // namespace masa::signing
