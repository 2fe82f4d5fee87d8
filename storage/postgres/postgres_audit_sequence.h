// How events get into the log, in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_AUDIT_SEQUENCE_H_
#define STORAGE_POSTGRES_POSTGRES_AUDIT_SEQUENCE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/audit_sequence.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresAuditSequence final : public AuditSequence {
 public:
  // `pool` outlives it.
  static std::unique_ptr<PostgresAuditSequence> New(ConnectionPool* pool);

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
  explicit PostgresAuditSequence(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_AUDIT_SEQUENCE_H_
