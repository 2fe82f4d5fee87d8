#include "services/merkle/merkle_tree.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace masa::merkle {
namespace {

std::vector<std::string> LeavesOf(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) {
    leaves.push_back(LeafHash("leaf " + std::to_string(i)));
  }
  return leaves;
}

// The inputs and roots that Certificate Transparency's implementations test
// with.
TEST(MerkleTree, HasTheRootsThatOthersHave) {
  std::vector<std::string> leaves;
  for (const char* hex :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(LeafHash(absl::HexStringToBytes(hex)));
  }
  const struct {
    size_t size;
    const char* root;
  } cases[] = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(absl::BytesToHexString(
                  RootOf(absl::MakeSpan(leaves).subspan(0, c.size))),
              c.root)
        << c.size;
  }
}

TEST(MerkleTree, EveryLeafOfEveryTreeHasAProof) {
  for (size_t size = 1; size <= 40; ++size) {
    const auto leaves = LeavesOf(size);
    const std::string root = RootOf(leaves);
    for (size_t i = 0; i < size; ++i) {
      EXPECT_TRUE(
          VerifyInclusion(leaves[i], i, size, InclusionProof(leaves, i), root))
          << i << " of " << size;
    }
  }
}

TEST(MerkleTree, AProofHoldsForItsLeafItsPlaceAndItsRootAlone) {
  const auto leaves = LeavesOf(7);
  const std::string root = RootOf(leaves);
  const auto proof = InclusionProof(leaves, 4);
  EXPECT_FALSE(VerifyInclusion(leaves[5], 4, 7, proof, root));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 5, 7, proof, root));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 5, proof, root));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 9, proof, root));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 7, proof, leaves[4]));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 7, 7, proof, root));
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 0, proof, root));
  for (size_t i = 0; i < proof.size(); ++i) {
    auto other = proof;
    other[i][0] ^= 1;
    EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 7, other, root)) << i;
  }
  auto shorter = proof;
  shorter.pop_back();
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 7, shorter, root));
  auto longer = proof;
  longer.push_back(root);
  EXPECT_FALSE(VerifyInclusion(leaves[4], 4, 7, longer, root));
}

// A node's input does not pass for a leaf.
TEST(MerkleTree, LeavesAndNodesAreHashedApart) {
  const auto leaves = LeavesOf(2);
  EXPECT_NE(LeafHash(leaves[0] + leaves[1]), NodeHash(leaves[0], leaves[1]));
}

}  // namespace
}  // namespace masa::merkle
