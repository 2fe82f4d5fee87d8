// Ownership histories in PostgreSQL: read, and signed afterwards. Thread-safe;
// blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_HISTORY_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_HISTORY_STORE_H_

#include <memory>
#include <vector>

#include "storage/history_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresHistoryStore final : public HistoryStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresHistoryStore> New(ConnectionPool* pool);

  absl::StatusOr<std::vector<HistoryRecord>> ReadHistory(
      const RequestContext& context, const HistoryQuestion& question) override;
  absl::StatusOr<std::vector<OwnershipBatch>> ListUnsigned(
      const RequestContext& context, const std::string& tenant_id,
      int limit) override;
  absl::Status KeepSignatures(
      const RequestContext& context,
      absl::Span<const BatchSignature> signatures) override;

 private:
  explicit PostgresHistoryStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_HISTORY_STORE_H_
