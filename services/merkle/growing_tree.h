// A Merkle tree that grows at its end, in memory of a constant size: of each
// level the one tile that is not full. What it has filled is handed out as it
// goes. Not thread-safe.
#ifndef SERVICES_MERKLE_GROWING_TREE_H_
#define SERVICES_MERKLE_GROWING_TREE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/merkle/tiles.h"

namespace masa::merkle {

struct Tile {
  TileKey key;
  std::string hashes;  // 1 to 256, one after the other

  bool operator==(const Tile&) const = default;
};

class GrowingTree {
 public:
  // Empty.
  GrowingTree() = default;

  // The tree of the first `size` leaves, of which `read` gives the edge (see
  // EdgeOf); nothing when a tile cannot be had or is too short.
  static std::optional<GrowingTree> Load(uint64_t size, const ReadTile& read);

  // Adds a leaf that is `entry`.
  void Append(absl::string_view entry);

  uint64_t size() const { return size_; }
  std::string Root() const;
  // The tiles that are not full: what Load asks for.
  std::vector<Tile> Edge() const;

  // The tiles that changed since the last call, as they are now, full ones
  // first in the order in which they were filled.
  std::vector<Tile> TakeChanged();
  // For who wants no tiles: those that are full are not kept any longer.
  void DropFull() { full_.clear(); }

 private:
  // A hash of `level` is at its end; a full tile goes one level up.
  void Settle(int level);

  uint64_t size_ = 0;
  uint64_t told_size_ = 0;  // at the last TakeChanged
  std::array<std::string, kTileLevels> edge_;
  std::vector<Tile> full_;
};

}  // namespace masa::merkle

#endif  // SERVICES_MERKLE_GROWING_TREE_H_
