#include "services/merkle/tiles.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/merkle/hashes.h"
#include "services/merkle/merkle_tree.h"

namespace masa::merkle {
namespace {

// The tree is cut into tiles each so many levels.
constexpr int kTileHeight = 8;

// The leaves from `begin` to before `end`; of their first one the index is a
// multiple of the greatest power of two among their perfect subtrees.
struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
};

uint64_t SplitOf(uint64_t size) { return std::bit_floor(size - 1); }

// Whose roots prove that a leaf is in a tree, the nearest first.
std::vector<Range> InclusionRanges(uint64_t index, uint64_t size) {
  std::vector<Range> ranges;
  Range tree{0, size};
  while (tree.end - tree.begin > 1) {
    const uint64_t split = tree.begin + SplitOf(tree.end - tree.begin);
    if (index < split) {
      ranges.push_back({split, tree.end});
      tree.end = split;
    } else {
      ranges.push_back({tree.begin, split});
      tree.begin = split;
    }
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

// RFC 6962 section 2.1.2: whose roots prove that a tree begins with another.
std::vector<Range> ConsistencyRanges(uint64_t from, uint64_t size) {
  std::vector<Range> ranges;
  Range tree{0, size};
  while (tree.end != from) {
    const uint64_t split = tree.begin + SplitOf(tree.end - tree.begin);
    if (from <= split) {
      ranges.push_back({split, tree.end});
      tree.end = split;
    } else {
      ranges.push_back({tree.begin, split});
      tree.begin = split;
    }
  }
  if (tree.begin > 0) {
    ranges.push_back(tree);  // else it is the root that is known already
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

// A perfect subtree as it stands in one tile.
struct Piece {
  TileKey tile;
  uint64_t first = 0;  // in the tile
  uint64_t count = 0;  // a power of two
};

// The perfect subtrees of a range, from left to right.
std::vector<Piece> PiecesOf(Range range) {
  std::vector<Piece> pieces;
  while (range.begin < range.end) {
    const uint64_t leaves = std::bit_floor(range.end - range.begin);
    const int height = std::countr_zero(leaves);
    const int level = height / kTileHeight;
    const uint64_t at = range.begin >> (kTileHeight * level);
    pieces.push_back({{level, at / kTileWidth},
                      at % kTileWidth,
                      uint64_t{1} << (height % kTileHeight)});
    range.begin += leaves;
  }
  return pieces;
}

std::optional<std::string> RootOf(const Range& range, const ReadTile& read) {
  std::string roots;
  for (const Piece& piece : PiecesOf(range)) {
    const std::optional<std::string> tile = read(piece.tile);
    if (!tile || CountOf(*tile) < piece.first + piece.count) {
      return std::nullopt;
    }
    roots += PerfectRootOf(absl::string_view(*tile).substr(
        piece.first * kHashOctets, piece.count * kHashOctets));
  }
  return FoldRoots(roots);
}

std::optional<std::vector<std::string>> RootsOf(
    const std::vector<Range>& ranges, const ReadTile& read) {
  std::vector<std::string> roots;
  for (const Range& range : ranges) {
    std::optional<std::string> root = RootOf(range, read);
    if (!root) {
      return std::nullopt;
    }
    roots.push_back(*std::move(root));
  }
  return roots;
}

std::vector<TileKey> TilesOf(const std::vector<Range>& ranges) {
  std::vector<TileKey> keys;
  for (const Range& range : ranges) {
    for (const Piece& piece : PiecesOf(range)) {
      keys.push_back(piece.tile);
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// As path elements of three digits, x before all but the last.
std::string NumberPath(uint64_t number, uint64_t width) {
  std::string path = absl::StrFormat("%03d", number % 1000);
  for (number /= 1000; number > 0; number /= 1000) {
    path = absl::StrFormat("x%03d/%s", number % 1000, path);
  }
  return width == kTileWidth ? path : absl::StrCat(path, ".p/", width);
}

}  // namespace

uint64_t TileWidthIn(const TileKey& key, uint64_t size) {
  const uint64_t hashes = size >> (kTileHeight * key.level);
  const uint64_t full = hashes / kTileWidth;
  if (key.number < full) {
    return kTileWidth;
  }
  return key.number == full ? hashes % kTileWidth : 0;
}

std::vector<TileKey> EdgeOf(uint64_t size) {
  std::vector<TileKey> keys;
  for (int level = 0; level < kTileLevels; ++level) {
    const uint64_t hashes = size >> (kTileHeight * level);
    if (hashes % kTileWidth != 0) {
      keys.push_back({level, hashes / kTileWidth});
    }
  }
  return keys;
}

std::string TilePath(const TileKey& key, uint64_t width) {
  return absl::StrCat("tile/", key.level, "/", NumberPath(key.number, width));
}

std::string EntriesPath(uint64_t number, uint64_t width) {
  return absl::StrCat("tile/entries/", NumberPath(number, width));
}

std::string EntryBundle(absl::string_view entries, size_t octets) {
  std::string bundle;
  for (size_t at = 0; at < entries.size(); at += octets) {
    bundle.push_back(static_cast<char>(octets >> 8));
    bundle.push_back(static_cast<char>(octets & 0xff));
    absl::StrAppend(&bundle, entries.substr(at, octets));
  }
  return bundle;
}

std::optional<std::string> RootFromTiles(uint64_t size, const ReadTile& read) {
  return size == 0 ? RootOf(absl::Span<const std::string>())
                   : RootOf(Range{0, size}, read);
}

std::optional<std::vector<std::string>> InclusionFromTiles(
    uint64_t index, uint64_t size, const ReadTile& read) {
  return RootsOf(InclusionRanges(index, size), read);
}

std::optional<std::vector<std::string>> ConsistencyFromTiles(
    uint64_t from, uint64_t size, const ReadTile& read) {
  return RootsOf(ConsistencyRanges(from, size), read);
}

std::vector<TileKey> TilesOfInclusion(uint64_t index, uint64_t size) {
  return TilesOf(InclusionRanges(index, size));
}

std::vector<TileKey> TilesOfConsistency(uint64_t from, uint64_t size) {
  return TilesOf(ConsistencyRanges(from, size));
}

bool VerifyConsistency(uint64_t from, absl::string_view from_root,
                       uint64_t size, absl::string_view root,
                       const std::vector<std::string>& proof) {
  if (from > size) {
    return false;
  }
  if (from == 0 || from == size) {
    return proof.empty() && (from == 0 || from_root == root);
  }
  uint64_t at = from - 1, last = size - 1;
  while (at % 2 == 1) {
    at /= 2;
    last /= 2;
  }
  auto next = proof.begin();
  if (at > 0 && next == proof.end()) {
    return false;
  }
  std::string old_root(at > 0 ? absl::string_view(*next++) : from_root);
  std::string new_root = old_root;
  for (; next != proof.end(); ++next) {
    if (last == 0) {
      return false;
    }
    if (at % 2 == 1 || at == last) {
      old_root = NodeHash(*next, old_root);
      new_root = NodeHash(*next, new_root);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      new_root = NodeHash(new_root, *next);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 && old_root == from_root && new_root == root;
}

}  // namespace masa::merkle
