#include "services/voucher/find_chain.h"

#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

using testing::CertificateSpec;
using testing::Identity;
using Certificates = std::vector<wire::Certificate>;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + absl::Hours(24);
  spec.is_ca = is_ca;
  return spec;
}

CertificateSpec WithoutKeyIds(CertificateSpec spec) {
  spec.key_identifiers = false;
  return spec;
}

wire::Certificate Parsed(const Identity& identity) {
  return *wire::Certificate::Parse(identity.CertificateDer());
}

// Remembers what was asked.
class NotingVerifier final : public Verifier {
 public:
  absl::Status VerifySignature(SignatureAlgorithm algorithm,
                               absl::string_view spki_der,
                               absl::string_view message,
                               absl::string_view signature) const override {
    ++signatures;
    return verifier_.VerifySignature(algorithm, spki_der, message, signature);
  }
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion& question) const override {
    questions.push_back(question);
    return verifier_.VerifyChain(question);
  }

  mutable std::vector<ChainQuestion> questions;
  mutable int signatures = 0;

 private:
  const verification::BoringVerifier verifier_{};
};

class FindChainTest : public ::testing::Test {
 protected:
  absl::StatusOr<Certificates> Find(const Identity& leaf,
                                    const Certificates& enclosed) {
    ChainSearch search{enclosed, verifier_, kNow};
    return FindChain(Parsed(leaf), search);
  }

  bool Leads(const Identity& leaf, const Identity& anchor,
             const Certificates& enclosed) {
    ChainSearch search{enclosed, verifier_, kNow};
    return LeadsTo(Parsed(leaf), Parsed(anchor), search);
  }

  const Identity root_ = testing::MakeIdentity(Spec("root", true));
  const Identity sub_ = testing::MakeIdentity(Spec("sub", true), &root_);
  const Identity leaf_ = testing::MakeIdentity(Spec("leaf", false), &sub_);
  const Identity pledge_ = testing::MakeIdentity(Spec("pledge", false));
  NotingVerifier verifier_;
};

// One question, of what stands in the chain and nothing beside, so that it is
// the same whichever pledge's certificates lie there.
TEST_F(FindChainTest, AsksOnceWhereThereIsOneWay) {
  const auto found = Find(leaf_, {Parsed(pledge_), Parsed(root_), Parsed(leaf_),
                                  Parsed(sub_), Parsed(sub_)});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0]->der, leaf_.CertificateDer());
  EXPECT_EQ((*found)[1]->der, sub_.CertificateDer());
  EXPECT_EQ((*found)[2]->der, root_.CertificateDer());
  ASSERT_EQ(verifier_.questions.size(), 1u);
  EXPECT_EQ(verifier_.questions[0].intermediates_der,
            std::vector<std::string>{sub_.CertificateDer()});
  EXPECT_EQ(verifier_.questions[0].anchors_der,
            std::vector<std::string>{root_.CertificateDer()});
}

TEST_F(FindChainTest, ALeafMayStandAlone) {
  const auto found = Find(leaf_, {Parsed(leaf_), Parsed(root_)});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->size(), 1u);
}

// Who sends many CAs of one name makes little work, and names that lead
// in circles end.
TEST_F(FindChainTest, AsksAFewTimesAtMost) {
  const Identity issuer =
      testing::MakeIdentity(WithoutKeyIds(Spec("ca", true)));
  const Identity leaf =
      testing::MakeIdentity(WithoutKeyIds(Spec("leaf", false)), &issuer);
  Certificates enclosed;
  for (int i = 0; i < 15; ++i) {
    enclosed.push_back(
        Parsed(testing::MakeIdentity(WithoutKeyIds(Spec("ca", true)))));
  }
  EXPECT_EQ(ReasonOf(Find(leaf, enclosed).status()), Reason::kChainInvalid);
  EXPECT_EQ(verifier_.questions.size(), 4u);
  EXPECT_FALSE(Leads(leaf, root_, enclosed));
  EXPECT_LE(verifier_.questions.size(), 8u);
}

TEST_F(FindChainTest, TwoCasMayCertifyEachOther) {
  const Identity a = testing::MakeIdentity(Spec("a", true), &sub_);
  const Identity back = testing::Reissue(sub_, Spec("sub", true), &a);
  const Identity leaf = testing::MakeIdentity(Spec("leaf", false), &a);
  const auto found = Find(leaf, {Parsed(a), Parsed(back)});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->size(), 3u);
}

TEST_F(FindChainTest, LeadsToAnAnchorThatIsSentOrNot) {
  EXPECT_TRUE(Leads(leaf_, root_, {Parsed(sub_)}));
  EXPECT_TRUE(Leads(leaf_, sub_, {Parsed(sub_), Parsed(root_)}));
  EXPECT_TRUE(Leads(root_, root_, {}));
  EXPECT_FALSE(Leads(leaf_, root_, {}));
  EXPECT_FALSE(Leads(pledge_, root_, {Parsed(sub_)}));
}

// Four signers of which each may be any of 16.
TEST_F(FindChainTest, AFewSignaturesAreTriedOfOneRequest) {
  wire::VoucherRequest request;
  request.artifact.certificates.assign(16, Parsed(leaf_));
  wire::SignerInfo signer;
  signer.algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  signer.signature = "none";
  signer.certificate = 0;
  for (int i = 1; i < 16; ++i) {
    signer.others.push_back(i);
  }
  request.artifact.signers.assign(4, signer);
  EXPECT_EQ(
      ReasonOf(CheckRegistrarSignature(request, verifier_, kNow).status()),
      Reason::kSignatureInvalid);
  EXPECT_EQ(verifier_.signatures, 16);
}

}  // namespace
}  // namespace masa::voucher
