#include "services/merkle/growing_tree.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "services/merkle/hashes.h"
#include "services/merkle/merkle_tree.h"

namespace masa::merkle {

std::optional<GrowingTree> GrowingTree::Load(uint64_t size,
                                             const ReadTile& read) {
  GrowingTree tree;
  tree.size_ = tree.told_size_ = size;
  for (const TileKey& key : EdgeOf(size)) {
    std::optional<std::string> hashes = read(key);
    const size_t octets = TileWidthIn(key, size) * kHashOctets;
    if (!hashes || hashes->size() < octets) {
      return std::nullopt;
    }
    hashes->resize(octets);
    tree.edge_[key.level] = *std::move(hashes);
  }
  return tree;
}

void GrowingTree::Append(absl::string_view entry) {
  AppendLeafHash(entry, edge_[0]);
  ++size_;
  Settle(0);
}

void GrowingTree::Settle(int level) {
  std::string& hashes = edge_[level];
  if (CountOf(hashes) < kTileWidth || level + 1 == kTileLevels) {
    return;
  }
  const uint64_t tiles = size_ >> (8 * (level + 1));
  edge_[level + 1] += PerfectRootOf(hashes);
  full_.push_back({{level, tiles - 1}, std::move(hashes)});
  hashes.clear();
  Settle(level + 1);
}

std::string GrowingTree::Root() const {
  std::string roots;
  for (int level = kTileLevels - 1; level >= 0; --level) {
    absl::string_view hashes = edge_[level];
    while (!hashes.empty()) {
      const size_t octets = std::bit_floor(CountOf(hashes)) * kHashOctets;
      roots += PerfectRootOf(hashes.substr(0, octets));
      hashes.remove_prefix(octets);
    }
  }
  return roots.empty() ? RootOf({}) : FoldRoots(roots);
}

std::vector<Tile> GrowingTree::Edge() const {
  std::vector<Tile> edge;
  for (const TileKey& key : EdgeOf(size_)) {
    edge.push_back({key, edge_[key.level]});
  }
  return edge;
}

std::vector<Tile> GrowingTree::TakeChanged() {
  std::vector<Tile> changed = std::exchange(full_, {});
  for (const TileKey& key : EdgeOf(size_)) {
    if (TileWidthIn(key, told_size_) != TileWidthIn(key, size_)) {
      changed.push_back({key, edge_[key.level]});
    }
  }
  told_size_ = size_;
  return changed;
}

}  // namespace masa::merkle
