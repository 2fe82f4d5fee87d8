// Standings of domains with devices in PostgreSQL: a batch of questions is one
// statement. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_STANDING_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_STANDING_STORE_H_

#include <memory>
#include <pqxx/binarystring>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/postgres/run_transaction.h"
#include "storage/standing_store.h"

namespace masa::storage {

class PostgresStandingStore final : public StandingStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresStandingStore> New(ConnectionPool* pool);

  std::vector<absl::StatusOr<StandingFacts>> ReadStandings(
      const RequestContext& context,
      absl::Span<const StandingQuestion> questions) override;
  std::vector<absl::StatusOr<std::vector<IssuedVoucher>>> ReadClaims(
      const RequestContext& context,
      absl::Span<const ClaimsQuestion> questions) override;

 private:
  explicit PostgresStandingStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

// What ReadStandings sends, for who measures it against the bare statement: it
// takes these arrays in their binary form.
extern const Statement kReadStandings;
std::vector<pqxx::binarystring> StandingParameters(
    absl::Span<const StandingQuestion> questions);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_STANDING_STORE_H_
