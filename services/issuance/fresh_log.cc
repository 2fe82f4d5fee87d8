#include "services/issuance/fresh_log.h"

#include "services/merkle/hashes.h"

namespace masa::issuance {
namespace {

// 1 MiB of commitments, and as much of tiles.
constexpr uint64_t kMostEntries = 32'768;

}  // namespace

void FreshLog::Add(const storage::LogAppend& append) {
  const uint64_t end = first_ + commitments_.size() / merkle::kHashOctets;
  const uint64_t added = append.after.size - append.from;
  if (append.from != end || append.after.size - first_ > kMostEntries) {
    first_ = append.from;
    commitments_.clear();
    tiles_.clear();
  }
  if (added > kMostEntries) {
    first_ = append.after.size;
    return;
  }
  for (const storage::OutboxRow& row : append.rows) {
    commitments_ += storage::EncodeCommitments(row.entries);
  }
  for (const storage::LogTile& tile : append.tiles) {
    tiles_[{tile.key.level, tile.key.number}] = tile.hashes;
  }
}

void FreshLog::Forget(uint64_t mirrored) {
  const uint64_t kept = mirrored / merkle::kTileWidth * merkle::kTileWidth;
  if (kept <= first_) {
    return;
  }
  commitments_.erase(0, (kept - first_) * merkle::kHashOctets);
  first_ = kept;
  std::erase_if(tiles_, [mirrored](const auto& tile) {
    return merkle::TileWidthIn(tile.first, mirrored) == merkle::kTileWidth;
  });
}

std::optional<std::string> FreshLog::TileOf(const merkle::TileKey& key) const {
  const auto found = tiles_.find(key);
  return found == tiles_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> FreshLog::Commitments(uint64_t first,
                                                 uint64_t width) const {
  const uint64_t end = first_ + commitments_.size() / merkle::kHashOctets;
  if (first < first_ || first + width > end) {
    return std::nullopt;
  }
  return commitments_.substr((first - first_) * merkle::kHashOctets,
                             width * merkle::kHashOctets);
}

}  // namespace masa::issuance
