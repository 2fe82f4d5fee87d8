#include "services/merkle/tiles.h"

#include <map>

#include "gtest/gtest.h"
#include "services/merkle/growing_tree.h"
#include "services/merkle/hashes.h"
#include "services/merkle/merkle_tree.h"

namespace masa::merkle {
namespace {

std::string EntryOf(uint64_t i) { return "entry " + std::to_string(i); }

// A tree with all tiles that it has handed out.
class Grown {
 public:
  explicit Grown(uint64_t size) {
    for (uint64_t i = 0; i < size; ++i) {
      tree_.Append(EntryOf(i));
      leaves_.push_back(LeafHash(EntryOf(i)));
    }
    Keep();
  }

  void Keep() {
    for (const Tile& tile : tree_.TakeChanged()) {
      tiles_[tile.key] = tile.hashes;
    }
  }
  ReadTile Read() {
    return [this](const TileKey& key) -> std::optional<std::string> {
      const auto found = tiles_.find(key);
      asked_.push_back(key);
      return found == tiles_.end() ? std::nullopt
                                   : std::optional(found->second);
    };
  }
  // The hashes of the first `size` leaves.
  absl::Span<const std::string> Leaves(uint64_t size) const {
    return absl::MakeConstSpan(leaves_).subspan(0, size);
  }

  GrowingTree tree_;
  std::vector<std::string> leaves_;
  std::map<TileKey, std::string> tiles_;
  std::vector<TileKey> asked_;
};

constexpr uint64_t kSizes[] = {0,   1,   2,   3,   7,     8,     255,   256,
                               257, 511, 512, 513, 65535, 65536, 65537, 66000};

TEST(GrowingTree, HasTheRootOfItsLeaves) {
  for (const uint64_t size : kSizes) {
    const Grown grown(size);
    EXPECT_EQ(grown.tree_.Root(), RootOf(grown.Leaves(size))) << size;
    EXPECT_EQ(grown.tree_.size(), size);
  }
}

TEST(GrowingTree, GoesOnFromItsEdge) {
  for (const uint64_t size : kSizes) {
    Grown grown(size);
    auto loaded = GrowingTree::Load(size, grown.Read());
    ASSERT_TRUE(loaded.has_value()) << size;
    EXPECT_EQ(loaded->Root(), grown.tree_.Root()) << size;
    EXPECT_TRUE(loaded->TakeChanged().empty()) << size;
    for (uint64_t i = size; i < size + 300; ++i) {
      loaded->Append(EntryOf(i));
      grown.tree_.Append(EntryOf(i));
    }
    EXPECT_EQ(loaded->Root(), grown.tree_.Root()) << size;
    EXPECT_EQ(loaded->TakeChanged(), grown.tree_.TakeChanged()) << size;
  }
}

TEST(GrowingTree, DoesNotGoOnFromAnEdgeThatIsMissingOrShort) {
  Grown grown(600);
  auto& edge = grown.tiles_[{0, 2}];
  edge.pop_back();
  EXPECT_FALSE(GrowingTree::Load(600, grown.Read()).has_value());
  grown.tiles_.erase({0, 2});
  EXPECT_FALSE(GrowingTree::Load(600, grown.Read()).has_value());
}

TEST(GrowingTree, HandsOutWhatTheSpecificationSays) {
  Grown grown(70'000);
  uint64_t full = 0;
  for (const auto& [key, hashes] : grown.tiles_) {
    EXPECT_EQ(CountOf(hashes), TileWidthIn(key, 70'000));
    full += key.level == 0 && CountOf(hashes) == kTileWidth ? 1 : 0;
  }
  EXPECT_EQ(full, 273u);
  EXPECT_EQ(TileWidthIn({0, 273}, 70'000), 112u);
  EXPECT_EQ(TileWidthIn({1, 0}, 70'000), 256u);
  EXPECT_EQ(TileWidthIn({1, 1}, 70'000), 17u);
  EXPECT_EQ(TileWidthIn({2, 0}, 70'000), 1u);
  EXPECT_EQ(TileWidthIn({0, 274}, 70'000), 0u);
  EXPECT_EQ(grown.tiles_.size(), 273u + 4u);
}

TEST(Tiles, HaveThePathsThatTheSpecificationGives) {
  EXPECT_EQ(TilePath({0, 0}, 256), "tile/0/000");
  EXPECT_EQ(TilePath({1, 5}, 3), "tile/1/005.p/3");
  EXPECT_EQ(TilePath({0, 1234067}, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(EntriesPath(1000, 255), "tile/entries/x001/000.p/255");
  EXPECT_EQ(EntryBundle("aabb", 2), std::string("\0\2aa\0\2bb", 8));
}

TEST(Tiles, GiveTheProofOfEveryLeafOfEveryTree) {
  Grown grown(66'000);
  for (const uint64_t size : kSizes) {
    const std::string root = RootOf(grown.Leaves(size));
    EXPECT_EQ(RootFromTiles(size, grown.Read()), root) << size;
    for (uint64_t i = 0; i < size; i += 1 + size / 23) {
      grown.asked_.clear();
      const auto proof = InclusionFromTiles(i, size, grown.Read());
      ASSERT_TRUE(proof.has_value()) << i << " of " << size;
      if (size <= 513) {
        EXPECT_EQ(*proof, InclusionProof(grown.Leaves(size), i));
      }
      EXPECT_TRUE(VerifyInclusion(grown.leaves_[i], i, size, *proof, root))
          << i << " of " << size;
      const auto said = TilesOfInclusion(i, size);
      for (const TileKey& key : grown.asked_) {
        EXPECT_TRUE(std::find(said.begin(), said.end(), key) != said.end());
      }
    }
  }
}

TEST(Tiles, GiveTheConsistencyOfEveryPairOfTrees) {
  Grown grown(66'000);
  for (const uint64_t size : kSizes) {
    for (const uint64_t from : kSizes) {
      if (from > size || from == 0) {
        continue;
      }
      const auto proof = ConsistencyFromTiles(from, size, grown.Read());
      ASSERT_TRUE(proof.has_value()) << from << " " << size;
      const std::string old_root = RootOf(grown.Leaves(from));
      const std::string root = RootOf(grown.Leaves(size));
      EXPECT_TRUE(VerifyConsistency(from, old_root, size, root, *proof))
          << from << " " << size;
      EXPECT_FALSE(VerifyConsistency(from, LeafHash(""), size, root, *proof));
      EXPECT_FALSE(
          VerifyConsistency(from, old_root, size, LeafHash(""), *proof));
      EXPECT_FALSE(VerifyConsistency(size + 1, old_root, size, root, *proof));
    }
  }
}

TEST(Tiles, AConsistencyProofHoldsAsItIsAlone) {
  Grown grown(13);
  const std::string old_root = RootOf(grown.Leaves(5));
  const std::string root = RootOf(grown.Leaves(13));
  const auto proof = *ConsistencyFromTiles(5, 13, grown.Read());
  ASSERT_TRUE(VerifyConsistency(5, old_root, 13, root, proof));
  for (size_t i = 0; i < proof.size(); ++i) {
    auto other = proof;
    other[i][0] ^= 1;
    EXPECT_FALSE(VerifyConsistency(5, old_root, 13, root, other)) << i;
    other = proof;
    other.erase(other.begin() + i);
    EXPECT_FALSE(VerifyConsistency(5, old_root, 13, root, other)) << i;
  }
  auto longer = proof;
  longer.push_back(root);
  EXPECT_FALSE(VerifyConsistency(5, old_root, 13, root, longer));
  EXPECT_FALSE(VerifyConsistency(5, old_root, 13, root, {}));
}

TEST(Tiles, GiveNothingWhereATileIsMissingOrTooShort) {
  Grown grown(600);
  grown.tiles_[{0, 2}].resize(32);
  EXPECT_EQ(RootFromTiles(600, grown.Read()), std::nullopt);
  grown.tiles_.erase({0, 0});
  EXPECT_EQ(InclusionFromTiles(3, 600, grown.Read()), std::nullopt);
}

}  // namespace
}  // namespace masa::merkle
