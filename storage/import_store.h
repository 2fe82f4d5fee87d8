// Imports of any size, chunk by chunk, and how far each has come. Thread-safe;
// blocks; never stale. kStoreUnavailable when the store cannot answer, or when
// it is not known whether it stored a chunk: then GetImport tells.
#ifndef STORAGE_IMPORT_STORE_H_
#define STORAGE_IMPORT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/device_store.h"

namespace masa::storage {

struct ImportKey {
  std::string tenant_id;
  std::string import_id;  // 1 to 128 octets, the caller's own
};

// What the chunks so far came to.
struct ImportProgress {
  std::string import_id;
  OnConflict on_conflict = OnConflict::kFail;
  int64_t last_sequence = 0;  // the first chunk's is 1
  int64_t created = 0;
  int64_t skipped = 0;
  int64_t updated = 0;
  int64_t failed = 0;
  bool complete = false;

  bool operator==(const ImportProgress&) const = default;
};

struct ImportChunk {
  ImportKey key;
  int64_t sequence = 0;
  std::string sha256;           // of the chunk as it came, 32 octets
  std::vector<Device> devices;  // at most 1000, of the key's tenant
  int64_t unreadable = 0;       // items that did not become a device
};

struct CommittedChunk {
  ImportProgress progress;
  std::vector<absl::StatusOr<ImportOutcome>> outcomes;  // one per device
  std::vector<Device> written;  // as they stand now, by bucket and id
};

class ImportStore {
 public:
  virtual ~ImportStore() = default;

  // Begins the import, or finds it. kRequestIdReused when it was begun with
  // another `on_conflict`; kInvalidArgument for an id of no or too much length.
  virtual absl::StatusOr<ImportProgress> BeginImport(
      const RequestContext& context, const ImportKey& key,
      OnConflict on_conflict, absl::Time at) = 0;

  // kImportUnknown.
  virtual absl::StatusOr<ImportProgress> GetImport(
      const RequestContext& context, const ImportKey& key) = 0;

  // Writes the chunk's devices, as DeviceStore::Import does, one audit event
  // for all of them, and the progress, in one transaction: durable on return.
  // kImportOutOfOrder unless it is the next chunk; then nothing is written.
  virtual absl::StatusOr<CommittedChunk> CommitChunk(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const ImportChunk& chunk) = 0;

  // There are no chunks behind `last_sequence`: kImportOutOfOrder when some
  // before it are missing, or others came.
  virtual absl::StatusOr<ImportProgress> CompleteImport(
      const RequestContext& context, const ImportKey& key,
      int64_t last_sequence, absl::Time at) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_IMPORT_STORE_H_
