// What an import must be like, and what its chunks add up to: shared by all
// implementations, so that they decide alike. Pure.
#ifndef STORAGE_IMPORT_RULES_H_
#define STORAGE_IMPORT_RULES_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/device_changes.h"
#include "storage/import_store.h"

namespace masa::storage {

// kInvalidArgument.
absl::Status CheckImportKey(const ImportKey& key);

absl::Status ImportUnknown();

// kRequestIdReused.
absl::Status CheckSameImport(const ImportProgress& stored,
                             OnConflict on_conflict);

// kImportOutOfOrder unless `sequence` is the next chunk's.
absl::Status CheckNext(const ImportProgress& stored, int64_t sequence);

// kImportOutOfOrder unless the chunks end with `last_sequence`.
absl::Status CheckEnd(const ImportProgress& stored, int64_t last_sequence);

// `stored` with the outcomes of `chunk` added.
ImportProgress Advance(
    ImportProgress stored, const ImportChunk& chunk,
    absl::Span<const absl::StatusOr<ImportOutcome>> outcomes);

// The one event of a chunk: which import, which chunk, what came of it.
// `before` and `after` are the progress around it.
AuditEvent ChunkEvent(const ImportChunk& chunk, const ImportProgress& before,
                      const ImportProgress& after, const Change& change);

}  // namespace masa::storage

#endif  // STORAGE_IMPORT_RULES_H_
