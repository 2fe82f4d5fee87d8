// The log of audit events in memory, for tests: same answers as PostgreSQL
// (storage/contract), with a failure hook. Thread-safe.
#ifndef STORAGE_MEMORY_MEMORY_AUDIT_LOG_H_
#define STORAGE_MEMORY_MEMORY_AUDIT_LOG_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/audit_log.h"
#include "storage/audit_sequence.h"

namespace masa::storage {

class MemoryAuditLog final : public AuditLog, public AuditSequence {
 public:
  // Whose a device of a tenant is, by its id, in which group and since when.
  struct Owner {
    std::string organization_id;
    std::string group_id;
    absl::Time since = absl::InfinitePast();
  };
  using OwnerOf = std::function<Owner(const std::string& tenant_id,
                                      const std::string& device_id)>;
  explicit MemoryAuditLog(OwnerOf owner_of) : owner_of_(std::move(owner_of)) {}

  // What a transaction writes.
  void Add(absl::Span<const LogEvent> events);
  // After `after` calls one fails with kStoreUnavailable; when `stored`, all
  // was done, but the answer got lost.
  void FailOnce(int after, bool stored);
  // Changes an event behind the log's back.
  void Tamper(const std::string& event_id,
              const std::function<void(LogEvent&)>& change);
  // Puts another head and other tiles where the tenant's are.
  void Forge(const std::string& tenant_id, const LogHead& head,
             absl::Span<const LogTile> tiles);

  absl::StatusOr<LogHead> ReadHead(const RequestContext& context,
                                   const std::string& tenant_id) override;
  absl::StatusOr<std::vector<LogTile>> ReadTiles(
      const RequestContext& context, const std::string& tenant_id,
      absl::Span<const LogTileKey> keys) override;
  absl::StatusOr<std::vector<LoggedEvent>> ReadEntries(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t first, int limit) override;
  absl::StatusOr<std::vector<LogEntry>> ReadBareEntries(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t first, int limit) override;
  absl::StatusOr<std::optional<uint64_t>> FindEvent(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& event_id) override;
  absl::StatusOr<std::optional<uint64_t>> FindVoucher(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& voucher_id) override;
  absl::StatusOr<uint64_t> SizeAt(const RequestContext& context,
                                  const std::string& tenant_id,
                                  absl::Time at) override;
  absl::StatusOr<std::vector<LogEvent>> ListOfDevice(
      const RequestContext& context,
      const DeviceEventsQuestion& question) override;
  absl::StatusOr<std::optional<LogCheckpoint>> CheckpointFrom(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t size) override;
  absl::StatusOr<std::vector<LogCheckpoint>> ListCheckpoints(
      const RequestContext& context, const std::string& tenant_id,
      uint64_t before, int limit) override;

  absl::StatusOr<std::optional<int64_t>> TakeLease(
      const RequestContext& context, const std::string& holder, absl::Time now,
      absl::Time until) override;
  absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
      const RequestContext& context, absl::Span<const std::string> but,
      int limit) override;
  absl::StatusOr<int64_t> CountWaiting(const RequestContext& context) override;
  absl::Status Append(const RequestContext& context,
                      const LogAppend& append) override;
  absl::Status WriteEvent(const RequestContext& context,
                          const AuditEvent& event) override;
  absl::StatusOr<std::vector<std::string>> ListLogs(
      const RequestContext& context) override;
  absl::Status KeepCheckpoint(const RequestContext& context,
                              const LogCheckpoint& checkpoint) override;

 private:
  struct Log {
    LogHead head;
    std::vector<LogEntry> entries;
    std::map<std::pair<int, uint64_t>, std::string> tiles;
    std::map<uint64_t, LogCheckpoint> checkpoints;  // by size
  };
  struct Lease {
    std::string holder;
    int64_t epoch = 0;
    absl::Time until = absl::InfinitePast();
  };

  // Counts the call: whether it fails before anything, or after all.
  bool FailsBefore() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool FailsAfter() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool IsWaiting(const std::string& tenant_id, const OutboxRow& row) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The first entry of which `is` holds.
  std::optional<uint64_t> IndexWhere(
      const std::string& tenant_id,
      const std::function<bool(const LogEvent&)>& is)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const OwnerOf owner_of_;
  absl::Mutex mutex_;
  int calls_until_failure_ ABSL_GUARDED_BY(mutex_) = -1;  // below 0: none
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stored_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, LogEvent> events_ ABSL_GUARDED_BY(mutex_);
  // By (id, bucket).
  std::map<std::pair<std::string, int16_t>, OutboxRow> outbox_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Log> logs_ ABSL_GUARDED_BY(mutex_);
  Lease lease_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_AUDIT_LOG_H_
