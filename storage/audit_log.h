// The log of audit events of each tenant, as it is read: events in one order,
// the tiles of its tree, and what its key said of it. Whatever is in the log
// stays as it is. Thread-safe; blocks. kStoreUnavailable when the store cannot
// answer.
#ifndef STORAGE_AUDIT_LOG_H_
#define STORAGE_AUDIT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/log_event.h"

namespace masa::storage {

// So many entries are kept together, in a bundle; and so many hashes in a tile.
inline constexpr uint64_t kBundleWidth = 256;

struct LogHead {
  uint64_t size = 0;
  std::string root;  // 32 octets; empty of an empty log
};

struct LogTileKey {
  int level = 0;
  uint64_t number = 0;
};

struct LogTile {
  LogTileKey key;
  std::string hashes;  // 32 octets each
};

struct LogCheckpoint {
  std::string tenant_id;
  uint64_t size = 0;
  absl::Time at;
  std::string note;  // signed
};

// An entry of the log, with its event where that is still there.
struct LoggedEvent {
  uint64_t index = 0;
  LogEntry entry;
  std::optional<LogEvent> event;
  // Of the event's device now; empty: nobody's, or no device. The group within
  // the organisation is empty where it is the root.
  std::string organization_id;
  std::string group_id;
  // When that owner became it, as OwnedDevices::OwnedSince says it; known of
  // vouchers' events whose device is somebody's.
  absl::Time owned_since = absl::InfinitePast();
};

struct DeviceEventsQuestion {
  std::string tenant_id;
  int16_t bucket = 0;
  std::string device_id;  // 16 octets
  // What is older than the event at this time with this id; from the newest on
  // when the id is empty.
  absl::Time before;
  std::string before_id;
  int limit = 0;
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Empty when nothing of the tenant is in it.
  virtual absl::StatusOr<LogHead> ReadHead(const RequestContext& context,
                                           const std::string& tenant_id) = 0;

  // Those of the tiles that are there.
  virtual absl::StatusOr<std::vector<LogTile>> ReadTiles(
      const RequestContext& context, const std::string& tenant_id,
      absl::Span<const LogTileKey> keys) = 0;

  // The entries from `first` on, at most `limit`, in order.
  virtual absl::StatusOr<std::vector<LoggedEvent>> ReadEntries(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t first, int limit) = 0;

  // The same without events.
  virtual absl::StatusOr<std::vector<LogEntry>> ReadBareEntries(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t first, int limit) = 0;

  // Where the event is in the log; nothing: it is not, or not yet.
  virtual absl::StatusOr<std::optional<uint64_t>> FindEvent(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& event_id) = 0;
  // The same of the event of a voucher's issuance.
  virtual absl::StatusOr<std::optional<uint64_t>> FindVoucher(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& voucher_id) = 0;

  // How far the log had come at `at`, at least: nothing of the entries from
  // here on happened before, unless it was put into the log an hour late.
  virtual absl::StatusOr<uint64_t> SizeAt(const RequestContext& context,
                                          const std::string& tenant_id,
                                          absl::Time at) = 0;

  // Of one device, the newest first; those not in the log yet, too.
  virtual absl::StatusOr<std::vector<LogEvent>> ListOfDevice(
      const RequestContext& context, const DeviceEventsQuestion& question) = 0;

  // The oldest checkpoint of at least `size` leaves; nothing: there is none.
  virtual absl::StatusOr<std::optional<LogCheckpoint>> CheckpointFrom(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t size) = 0;
  // Of less than `before` leaves, the newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<LogCheckpoint>> ListCheckpoints(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t before, int limit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_AUDIT_LOG_H_
