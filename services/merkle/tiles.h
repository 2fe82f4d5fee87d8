// A large Merkle tree as tiles of 256 hashes (C2SP tlog-tiles): tile `number`
// of `level` holds, one after the other, the roots of the perfect subtrees of
// 256^level leaves from 256 * number on. The last tile of a level may have
// fewer, and counts in no level above. Pure; thread-safe.
#ifndef SERVICES_MERKLE_TILES_H_
#define SERVICES_MERKLE_TILES_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace masa::merkle {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr int kTileLevels = 8;  // 64 bits of index

struct TileKey {
  int level = 0;
  uint64_t number = 0;

  auto operator<=>(const TileKey&) const = default;
};

// How many hashes the tile has in a tree of `size` leaves; 0: there is no such
// tile.
uint64_t TileWidthIn(const TileKey& key, uint64_t size);

// The tiles that are not full in a tree of `size`, the lowest level first.
std::vector<TileKey> EdgeOf(uint64_t size);

// Where a tile of this width is: tile/0/x001/234, and .p/W behind it when
// W is less than 256. `level` entries: those of the leaves themselves.
std::string TilePath(const TileKey& key, uint64_t width);
std::string EntriesPath(uint64_t number, uint64_t width);

// Entries as tlog-tiles has them in a bundle: each behind its length in two
// octets. `entries` are of `octets` each, one after the other.
std::string EntryBundle(absl::string_view entries, size_t octets);

// The hashes of a tile of the tree, as many as it has or more; nothing: it
// cannot be had.
using ReadTile = std::function<std::optional<std::string>(const TileKey& key)>;

// What these give of a tree of `size`; nothing when a tile cannot be had or is
// too short.
// Its root, of the first `size` leaves.
std::optional<std::string> RootFromTiles(uint64_t size, const ReadTile& read);
// Each hash of 32 octets. `index` < size.
std::optional<std::vector<std::string>> InclusionFromTiles(
    uint64_t index, uint64_t size, const ReadTile& read);
// From the tree of the first `from` leaves, 1 to size.
std::optional<std::vector<std::string>> ConsistencyFromTiles(
    uint64_t from, uint64_t size, const ReadTile& read);

// The tiles that the above ask for, so that they can be read in one go.
std::vector<TileKey> TilesOfInclusion(uint64_t index, uint64_t size);
std::vector<TileKey> TilesOfConsistency(uint64_t from, uint64_t size);

// Whether the tree of `size` with `root` begins with that of `from` with
// `from_root` (RFC 9162 section 2.1.4.2). A tree of no leaf begins every tree.
bool VerifyConsistency(uint64_t from, absl::string_view from_root,
                       uint64_t size, absl::string_view root,
                       const std::vector<std::string>& proof);

}  // namespace masa::merkle

#endif  // SERVICES_MERKLE_TILES_H_
