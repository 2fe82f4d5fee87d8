// Claims that wait for an operator's word, in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_CLAIM_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_CLAIM_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/claim_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresClaimStore final : public ClaimStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresClaimStore> New(ConnectionPool* pool);

  absl::StatusOr<Claim> Ask(const RequestContext& context,
                            const Claim& claim) override;
  absl::StatusOr<std::vector<Claim>> ListWaiting(const RequestContext& context,
                                                 const std::string& tenant_id,
                                                 int limit) override;
  absl::StatusOr<Claim> Decide(const RequestContext& context,
                               const std::string& actor, absl::Time at,
                               const ClaimWord& word) override;

 private:
  explicit PostgresClaimStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_CLAIM_STORE_H_
