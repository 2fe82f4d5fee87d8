// Keeps a log outside the database, and notices when the database has fallen
// behind what is kept there. Thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_MIRROR_LOG_H_
#define SERVICES_ISSUANCE_MIRROR_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/audit_mirror.h"
#include "services/issuance/fresh_log.h"
#include "services/merkle/tiles.h"
#include "services/observe/request_context.h"
#include "services/transparency/signed_note.h"
#include "storage/audit_log.h"

namespace masa::issuance {

// How many entries the mirror has of the log; 0: nothing. kMisconfigured when
// the log in the store is shorter, or another one.
absl::StatusOr<uint64_t> CheckMirror(const RequestContext& context,
                                     storage::AuditLog& log,
                                     AuditMirror& mirror,
                                     const std::string& tenant_id,
                                     const transparency::NoteKey& key);

// A tile of a tree of `size`: what the full one that has replaced it begins
// with, where the partial one has gone. Nothing: it is not there.
absl::StatusOr<std::optional<std::string>> ReadMirroredTile(
    AuditMirror& mirror, const std::string& origin, const merkle::TileKey& key,
    uint64_t size);

// How far the copy is.
struct Mirrored {
  uint64_t size = 0;  // entries
  // When all was there that had been signed.
  absl::Time whole_at = absl::InfinitePast();
  // Of the newest checkpoint that stays when a newer one has come.
  absl::Time kept_at = absl::InfinitePast();
};

// Of a log that grows all the time, so often: each copy has tiles and a
// checkpoint that the next one makes needless.
inline constexpr absl::Duration kMirrorEvery = absl::Seconds(1);
inline constexpr absl::Duration kKeepCheckpointEvery = absl::Hours(1);

// Writes what has come since: tiles and bundles first, then the newest
// checkpoint, so that whoever reads a checkpoint finds its tiles, or full ones
// that begin with them. At most 64 bundles in one call; none where all was
// there within kMirrorEvery. What `fresh` has is not read from the store.
absl::Status MirrorLog(const RequestContext& context, storage::AuditLog& log,
                       AuditMirror& mirror, const std::string& origin,
                       const std::string& tenant_id, const FreshLog& fresh,
                       absl::Time now, Mirrored& mirrored);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_MIRROR_LOG_H_
