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

struct Copy {
  const RequestContext& context;
  storage::AuditLog& log;
  const std::string& tenant_id;
  const std::string origin;  // the log's

  absl::Status ReadTiles(uint64_t from, uint64_t size,
                         std::vector<MirrorFile>& files) const {
    const std::vector<merkle::TileKey> keys = NewTiles(from, size);
    MASA_ASSIGN_OR_RETURN(const merkle::ReadTile read,
                          FetchTiles(context, log, tenant_id, keys));
    for (const merkle::TileKey& key : keys) {
      const uint64_t width = merkle::TileWidthIn(key, size);
      const std::optional<std::string> hashes = read(key);
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
      MASA_ASSIGN_OR_RETURN(const std::vector<storage::LogEntry> entries,
                            log.ReadBareEntries(context, tenant_id, first,
                                                static_cast<int>(width)));
      files.push_back({merkle::EntriesPath(first / merkle::kTileWidth, width),
                       merkle::EntryBundle(storage::EncodeCommitments(entries),
                                           merkle::kHashOctets)});
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

absl::StatusOr<uint64_t> MirrorLog(const RequestContext& context,
                                   storage::AuditLog& log, AuditMirror& mirror,
                                   const std::string& origin,
                                   const std::string& tenant_id,
                                   uint64_t from) {
  MASA_ASSIGN_OR_RETURN(
      const auto newest,
      log.ListCheckpoints(context, tenant_id,
                          std::numeric_limits<uint64_t>::max(), 1));
  if (newest.empty() || newest.front().size <= from) {
    return from;
  }
  const storage::LogCheckpoint& checkpoint = newest.front();
  const Copy copy = {context, log, tenant_id,
                     transparency::OriginOf(origin, tenant_id)};
  // A log that is far ahead comes in pieces, of whole bundles.
  const uint64_t size =
      std::min(checkpoint.size,
               (from / merkle::kTileWidth + kMostBundles) * merkle::kTileWidth);
  std::vector<MirrorFile> files;  // 64 bundles and their tiles: a MiB
  MASA_RETURN_IF_ERROR(copy.ReadTiles(from, size, files));
  MASA_RETURN_IF_ERROR(copy.ReadBundles(from, size, files));
  MASA_RETURN_IF_ERROR(mirror.Write(copy.origin, files));
  if (size < checkpoint.size) {
    return size;
  }
  MASA_RETURN_IF_ERROR(mirror.Write(
      copy.origin,
      {{absl::StrCat("checkpoints/", checkpoint.size), checkpoint.note}}));
  MASA_RETURN_IF_ERROR(
      mirror.Write(copy.origin, {{kCheckpointFile, checkpoint.note}}));
  return checkpoint.size;
}

}  // namespace masa::issuance
