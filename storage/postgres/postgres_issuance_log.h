// Vouchers and their audit events in PostgreSQL, written by one statement, so
// that neither exists without the other (VI-17). Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_ISSUANCE_LOG_H_
#define STORAGE_POSTGRES_POSTGRES_ISSUANCE_LOG_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/issuance_log.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresIssuanceLog final : public IssuanceLog {
 public:
  // `pool` outlives the log.
  static std::unique_ptr<PostgresIssuanceLog> New(ConnectionPool* pool);

  std::vector<absl::StatusOr<Committed>> Commit(
      const RequestContext& context,
      std::vector<IssuedVoucher> vouchers) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ReadForRules(
      const RequestContext& context, const RulesQuestion& question) override;
  absl::StatusOr<IssuanceSummary> Summarize(const RequestContext& context,
                                            int16_t bucket,
                                            const std::string& device_id,
                                            int limit) override;

 private:
  // What Commit works on: rows in the order of their keys, each with the slot
  // of its outcome, into which a voucher goes that is stored.
  struct Row;

  explicit PostgresIssuanceLog(ConnectionPool* pool);

  // Stores `rows` together, or settles them one by one as far as needed.
  void CommitRows(const RequestContext& context, absl::Span<Row> rows);
  // After the database refused `rows`: those that are stored already are
  // answered, and the others stored without them; where none is, a bad row is
  // found by halving, and is answered with `refused`.
  void SettleRefused(const RequestContext& context, const absl::Status& refused,
                     absl::Span<Row> rows);

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_ISSUANCE_LOG_H_
