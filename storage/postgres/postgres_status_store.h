// StatusStore on PostgreSQL: the table signed_statuses. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_STATUS_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_STATUS_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/status_store.h"

namespace masa::storage {

class PostgresStatusStore final : public StatusStore {
 public:
  // `pool` outlives it.
  static std::unique_ptr<PostgresStatusStore> New(ConnectionPool* pool);

  absl::StatusOr<CertificateStatus> FindStatus(
      const RequestContext& context, const std::string& serial) override;
  absl::StatusOr<std::vector<IssuedCertificate>> TakeTurns(
      const RequestContext& context, const TurnOrder& order) override;
  absl::Status KeepStatuses(const RequestContext& context,
                            absl::Span<const SignedStatus> statuses) override;

 private:
  explicit PostgresStatusStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_STATUS_STORE_H_
