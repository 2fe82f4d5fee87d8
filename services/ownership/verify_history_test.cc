#include "services/ownership/verify_history.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/merkle/merkle_tree.h"
#include "services/testing/raw_sign.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/ecdsa_numbers.h"
#include "services/wire/ownership_root.h"

namespace masa::ownership {
namespace {

using storage::OwnershipEntry;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

testing::Identity Make(const std::string& name, bool is_ca,
                       const testing::Identity* issuer = nullptr) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + absl::Hours(1);
  spec.is_ca = is_ca;
  return testing::MakeIdentity(spec, issuer);
}

class VerifyHistoryTest : public ::testing::Test {
 protected:
  VerifyHistoryTest() {
    Add(storage::OwnerChange::kImported, "", "org-acme");
    Add(storage::OwnerChange::kTransferred, "org-acme", "org-other");
    Add(storage::OwnerChange::kReleased, "org-other", "");
  }

  // An entry that follows the last one, in a signed batch of five.
  void Add(storage::OwnerChange kind, const std::string& from,
           const std::string& to) {
    EntryClaim claim;
    claim.entry.device_id = std::string(16, 'd');
    claim.entry.number = static_cast<int32_t>(claims_.size());
    claim.entry.prev_hash = claims_.empty()
                                ? storage::NoHash()
                                : storage::EntryHash(claims_.back().entry);
    claim.entry.kind = kind;
    claim.entry.from_organization_id = from;
    claim.entry.to_organization_id = to;
    claim.entry.at = kNow;
    std::vector<std::string> leaves(5, merkle::LeafHash("another device"));
    claim.leaf_index = 3;
    leaves[3] = storage::EntryHash(claim.entry);
    claim.proof = merkle::InclusionProof(leaves, 3);
    RootClaim& root = claim.root.emplace();
    root.signed_root = wire::EncodeOwnershipRoot(
        {"acme", std::string(16, 'b'), 5, merkle::RootOf(leaves)});
    root.signature = wire::EcdsaDerOfNumbers(
        testing::SignRaw(root.signed_root, signer_).octets);
    root.chain_der = {signer_.CertificateDer(), root_.CertificateDer()};
    root.signed_at = kNow;
    claims_.push_back(claim);
  }

  HistoryFinding Find(const std::vector<EntryClaim>& claims) {
    return VerifyHistory(
        claims, {"acme", std::string(16, 'd'), root_.CertificateDer(), kNow},
        verifier_);
  }

  testing::Identity root_ = Make("root", true);
  testing::Identity signer_ = Make("signer", false, &root_);
  verification::BoringVerifier verifier_;
  std::vector<EntryClaim> claims_;
};

TEST_F(VerifyHistoryTest, AGoodHistoryHolds) {
  const HistoryFinding finding = Find(claims_);
  EXPECT_TRUE(finding.holds()) << finding.faults.front();
  EXPECT_EQ(finding.signed_entries, 3);
  EXPECT_TRUE(Find({}).holds());
}

TEST_F(VerifyHistoryTest, APastThatIsNotShownIsSaid) {
  const HistoryFinding finding = Find({claims_[1], claims_[2]});
  EXPECT_TRUE(finding.holds());
  EXPECT_EQ(finding.first_number, 1);
}

TEST_F(VerifyHistoryTest, EveryFieldCounts) {
  const struct {
    const char* what;
    std::function<void(EntryClaim&)> tamper;
  } cases[] = {
      {"device_id", [](auto& c) { c.entry.device_id[0] ^= 1; }},
      {"number", [](auto& c) { ++c.entry.number; }},
      {"prev_hash", [](auto& c) { c.entry.prev_hash[5] ^= 1; }},
      {"kind",
       [](auto& c) { c.entry.kind = storage::OwnerChange::kOverridden; }},
      {"from", [](auto& c) { c.entry.from_organization_id += "x"; }},
      {"to", [](auto& c) { c.entry.to_organization_id += "x"; }},
      {"at", [](auto& c) { c.entry.at += absl::Microseconds(1); }},
      {"opens_past", [](auto& c) { c.entry.opens_past = false; }},
      {"leaf_index", [](auto& c) { c.leaf_index = 2; }},
      {"proof", [](auto& c) { c.proof[0][0] ^= 1; }},
      {"no proof", [](auto& c) { c.proof.clear(); }},
      {"signed root", [](auto& c) { c.root->signed_root.back() ^= 1; }},
      {"no root", [](auto& c) { c.root->signed_root.clear(); }},
      {"signature", [](auto& c) { c.root->signature.back() ^= 1; }},
      {"chain", [](auto& c) { c.root->chain_der[0].back() ^= 1; }},
      {"no chain", [](auto& c) { c.root->chain_der.clear(); }},
      {"not signed", [](auto& c) { c.root.reset(); }},
  };
  for (const auto& c : cases) {
    for (size_t i = 0; i < claims_.size(); ++i) {
      std::vector<EntryClaim> tampered = claims_;
      c.tamper(tampered[i]);
      EXPECT_FALSE(Find(tampered).holds()) << c.what << " of entry " << i;
    }
  }
}

TEST_F(VerifyHistoryTest, EntriesAreNeitherLeftOutNorMovedNorRepeated) {
  EXPECT_FALSE(Find({claims_[0], claims_[2]}).holds());
  EXPECT_FALSE(Find({claims_[1], claims_[0]}).holds());
  EXPECT_FALSE(Find({claims_[0], claims_[0]}).holds());
}

TEST_F(VerifyHistoryTest, AnotherRootsSignerIsNoSigner) {
  const testing::Identity other_root = Make("root", true);
  signer_ = Make("signer", false, &other_root);
  claims_.clear();
  Add(storage::OwnerChange::kImported, "", "org-acme");
  const HistoryFinding finding = Find(claims_);
  ASSERT_EQ(finding.faults.size(), 1u);
  EXPECT_THAT(finding.faults[0], ::testing::HasSubstr("anchor"));
}

TEST_F(VerifyHistoryTest, AnotherTenantsRootIsNoRoot) {
  EXPECT_FALSE(VerifyHistory(
                   claims_,
                   {"bolt", std::string(16, 'd'), root_.CertificateDer(), kNow},
                   verifier_)
                   .holds());
}

}  // namespace
}  // namespace masa::ownership
