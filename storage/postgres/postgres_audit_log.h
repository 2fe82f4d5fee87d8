// The log of audit events in PostgreSQL, as it is read. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_AUDIT_LOG_H_
#define STORAGE_POSTGRES_POSTGRES_AUDIT_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/audit_log.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresAuditLog final : public AuditLog {
 public:
  // `pool` outlives the log.
  static std::unique_ptr<PostgresAuditLog> New(ConnectionPool* pool);

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

 private:
  explicit PostgresAuditLog(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_AUDIT_LOG_H_
