// How events get into the log: whoever writes events leaves a row beside them,
// in the same transaction, and one sequencer at a time takes these rows.
// Thread-safe; blocks. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_AUDIT_SEQUENCE_H_
#define STORAGE_AUDIT_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/audit_log.h"

namespace masa::storage {

// What is added to a tenant's log at once, all or nothing.
struct LogAppend {
  std::string tenant_id;
  int64_t epoch = 0;  // of the lease that it is done under
  uint64_t from = 0;  // the log's size before
  // Taken from the outbox; their entries, one after the other, are the leaves
  // from `from` on. No two are the same.
  std::vector<OutboxRow> rows;
  std::vector<LogTile> tiles;  // as they stand afterwards, the changed ones
  LogHead after;
};

class AuditSequence {
 public:
  virtual ~AuditSequence() = default;

  // Takes the lease until `until`, or keeps it when `holder` has it; the epoch,
  // which is another whenever it goes to another holder or had ended. Nothing:
  // another has it.
  virtual absl::StatusOr<std::optional<int64_t>> TakeLease(
      const RequestContext& context, const std::string& holder, absl::Time now,
      absl::Time until) = 0;

  // Rows of all tenants but those that are named, the oldest ids first, at most
  // `limit`.
  virtual absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
      const RequestContext& context, absl::Span<const std::string> but,
      int limit) = 0;

  // How many events wait in the outbox.
  virtual absl::StatusOr<int64_t> CountWaiting(
      const RequestContext& context) = 0;

  // Durable on return. kStoreConflict, and nothing happens, when the lease's
  // epoch is not this any more, the log is not of this size, or a row is not in
  // the outbox of the tenant.
  virtual absl::Status Append(const RequestContext& context,
                              const LogAppend& append) = 0;

  // An event that stands alone: one that nobody's call caused, such as a loss
  // that was accepted, without an actor; or one of a call that changed nothing
  // else, such as a read of personal data. Durable on return.
  virtual absl::Status WriteEvent(const RequestContext& context,
                                  const AuditEvent& event) = 0;

  // Tenants with a log, in order; the empty name is the catalog's.
  virtual absl::StatusOr<std::vector<std::string>> ListLogs(
      const RequestContext& context) = 0;

  // Durable on return; of one size the first stays.
  virtual absl::Status KeepCheckpoint(const RequestContext& context,
                                      const LogCheckpoint& checkpoint) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_AUDIT_SEQUENCE_H_
