// Transfers in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_TRANSFER_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_TRANSFER_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/transfer_store.h"

namespace masa::storage {

class PostgresTransferStore final : public TransferStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresTransferStore> New(ConnectionPool* pool);

  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at, const TransferChange& change) override;
  absl::StatusOr<int64_t> CountRefusedClaims(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const RefusedClaims& refused) override;
  absl::StatusOr<Transfer> FindTransfer(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& transfer_id) override;
  absl::StatusOr<std::vector<Transfer>> ListTransfers(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& after,
      int limit) override;
  absl::StatusOr<std::vector<Transfer>> ListLapsed(
      const RequestContext& context, absl::Time now, int limit) override;

 private:
  explicit PostgresTransferStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_TRANSFER_STORE_H_
