#include "services/issuance/mirror_log.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/issuance/log_tree.h"
#include "services/merkle/hashes.h"
#include "services/merkle/tiles.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"

namespace masa::issuance {
namespace {

constexpr uint64_t kMostBundles = 64;

// The tiles of a tree of `size` that a tree of `from` did not have like that.
std::vector<merkle::TileKey> NewTiles(uint64_t from, uint64_t size) {
  std::vector<merkle::TileKey> keys;
  for (int level = 0; level < merkle::kTileLevels; ++level) {
    // Of the last level no tile is full: it would stand for 2^64 leaves.
    const uint64_t full =
        level + 1 < merkle::kTileLevels ? from >> (8 * (level + 1)) : 0;
    for (merkle::TileKey key{level, full}; merkle::TileWidthIn(key, size) > 0;
         ++key.number) {
      if (merkle::TileWidthIn(key, from) != merkle::TileWidthIn(key, size)) {
        keys.push_back(key);
      }
    }
  }
  return keys;
}

// The tiles and bundles that a tree of `from` had in part and one of `size` has
// whole.
std::vector<std::string> FilledBetween(uint64_t from, uint64_t size) {
  std::vector<std::string> paths;
  for (const merkle::TileKey& key : NewTiles(from, size)) {
    if (merkle::TileWidthIn(key, from) > 0 &&
        merkle::TileWidthIn(key, size) == merkle::kTileWidth) {
      paths.push_back(merkle::TilePath(key, merkle::kTileWidth));
      if (key.level == 0) {
        paths.push_back(merkle::EntriesPath(key.number, merkle::kTileWidth));
      }
    }
  }
  return paths;
}

// `kept_at` is when the last one that stays was made.
absl::Status WriteCheckpoint(AuditMirror& mirror, const std::string& origin,
                             const storage::LogCheckpoint& checkpoint,
                             absl::Time& kept_at) {
  if (checkpoint.at >= kept_at + kKeepCheckpointEvery) {
    MASA_RETURN_IF_ERROR(mirror.Write(
        origin,
        {{absl::StrCat("checkpoints/", checkpoint.size), checkpoint.note}}));
    kept_at = checkpoint.at;
  }
  return mirror.Write(origin, {{kCheckpointFile, checkpoint.note}});
}

struct Copy {
  const RequestContext& context;
  storage::AuditLog& log;
  const std::string& tenant_id;
  const FreshLog& fresh;
  const std::string origin;  // the log's

  // As wide as in a tree of `size`.
  std::optional<std::string> FreshTile(const merkle::TileKey& key,
                                       uint64_t size) const {
    auto tile = fresh.TileOf(key);
    return tile && merkle::CountOf(*tile) >= merkle::TileWidthIn(key, size)
               ? std::move(tile)
               : std::nullopt;
  }

  // Of those that are not fresh.
  absl::StatusOr<merkle::ReadTile> FetchOthers(
      const std::vector<merkle::TileKey>& keys, uint64_t size) const {
    std::vector<merkle::TileKey> others;
    for (const merkle::TileKey& key : keys) {
      if (!FreshTile(key, size)) {
        others.push_back(key);
      }
    }
    return others.empty() ? merkle::ReadTile([](const merkle::TileKey&) {
      return std::nullopt;
    })
                          : FetchTiles(context, log, tenant_id, others);
  }

  absl::StatusOr<std::string> ReadCommitments(uint64_t first,
                                              uint64_t width) const {
    if (auto commitments = fresh.Commitments(first, width)) {
      return *std::move(commitments);
    }
    MASA_ASSIGN_OR_RETURN(const std::vector<storage::LogEntry> entries,
                          log.ReadBareEntries(context, tenant_id, first,
                                              static_cast<int>(width)));
    return storage::EncodeCommitments(entries);
  }

  absl::Status ReadTiles(uint64_t from, uint64_t size,
                         std::vector<MirrorFile>& files) const {
    const std::vector<merkle::TileKey> keys = NewTiles(from, size);
    MASA_ASSIGN_OR_RETURN(const merkle::ReadTile read, FetchOthers(keys, size));
    for (const merkle::TileKey& key : keys) {
      const uint64_t width = merkle::TileWidthIn(key, size);
      std::optional<std::string> hashes = FreshTile(key, size);
      if (!hashes) {
        hashes = read(key);
      }
      if (!hashes || merkle::CountOf(*hashes) < width) {
        return Refuse(
            Reason::kMisconfigured,
            absl::StrCat("the database lacks ", merkle::TilePath(key, width),
                         " of ", origin));
      }
      files.push_back({merkle::TilePath(key, width),
                       hashes->substr(0, width * merkle::kHashOctets)});
    }
    return absl::OkStatus();
  }

  absl::Status ReadBundles(uint64_t from, uint64_t size,
                           std::vector<MirrorFile>& files) const {
    for (uint64_t first = from / merkle::kTileWidth * merkle::kTileWidth;
         first < size; first += merkle::kTileWidth) {
      const uint64_t width = std::min(merkle::kTileWidth, size - first);
      MASA_ASSIGN_OR_RETURN(const std::string commitments,
                            ReadCommitments(first, width));
      files.push_back({merkle::EntriesPath(first / merkle::kTileWidth, width),
                       merkle::EntryBundle(commitments, merkle::kHashOctets)});
    }
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<uint64_t> CheckMirror(const RequestContext& context,
                                     storage::AuditLog& log,
                                     AuditMirror& mirror,
                                     const std::string& tenant_id,
                                     const transparency::NoteKey& key) {
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> note,
                        mirror.Read(key.name, kCheckpointFile));
  if (!note) {
    return 0;
  }
  MASA_RETURN_IF_ERROR(CheckContinues(context, log, tenant_id, *note, key,
                                      "outside the database"));
  MASA_ASSIGN_OR_RETURN(const wire::Checkpoint checkpoint,
                        transparency::OpenCheckpoint(*note, key));
  return checkpoint.size;
}

absl::StatusOr<std::optional<std::string>> ReadMirroredTile(
    AuditMirror& mirror, const std::string& origin, const merkle::TileKey& key,
    uint64_t size) {
  const uint64_t width = merkle::TileWidthIn(key, size);
  MASA_ASSIGN_OR_RETURN(auto tile,
                        mirror.Read(origin, merkle::TilePath(key, width)));
  if (!tile) {
    MASA_ASSIGN_OR_RETURN(
        tile, mirror.Read(origin, merkle::TilePath(key, merkle::kTileWidth)));
  }
  if (tile) {
    tile->resize(std::min(tile->size(), width * merkle::kHashOctets));
  }
  return tile;
}

absl::Status MirrorLog(const RequestContext& context, storage::AuditLog& log,
                       AuditMirror& mirror, const std::string& origin,
                       const std::string& tenant_id, const FreshLog& fresh,
                       absl::Time now, Mirrored& mirrored) {
  // A clock that was set back holds nothing up.
  if (now >= mirrored.whole_at && now < mirrored.whole_at + kMirrorEvery) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(
      const auto newest,
      log.ListCheckpoints(context, tenant_id,
                          std::numeric_limits<uint64_t>::max(), 1));
  if (newest.empty() || newest.front().size <= mirrored.size) {
    return absl::OkStatus();
  }
  const storage::LogCheckpoint& checkpoint = newest.front();
  const Copy copy = {context, log, tenant_id, fresh,
                     transparency::OriginOf(origin, tenant_id)};
  const uint64_t from = mirrored.size;
  // A log that is far ahead comes in pieces, of whole bundles.
  const uint64_t size =
      std::min(checkpoint.size,
               (from / merkle::kTileWidth + kMostBundles) * merkle::kTileWidth);
  std::vector<MirrorFile> files;  // 64 bundles and their tiles: a MiB
  MASA_RETURN_IF_ERROR(copy.ReadTiles(from, size, files));
  MASA_RETURN_IF_ERROR(copy.ReadBundles(from, size, files));
  MASA_RETURN_IF_ERROR(mirror.Write(copy.origin, files));
  if (size == checkpoint.size) {
    MASA_RETURN_IF_ERROR(
        WriteCheckpoint(mirror, copy.origin, checkpoint, mirrored.kept_at));
    mirrored.whole_at = now;
  }
  mirrored.size = size;
  mirror.ForgetPartial(copy.origin, FilledBetween(from, size));
  return absl::OkStatus();
}

}  // namespace masa::issuance
