// What was issued for a device, out of PostgreSQL: by its key's index, within
// one bucket. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_ISSUED_VOUCHERS_H_
#define STORAGE_POSTGRES_POSTGRES_ISSUED_VOUCHERS_H_

#include <memory>
#include <vector>

#include "storage/issued_vouchers.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresIssuedVouchers final : public IssuedVouchers {
 public:
  // `pool` outlives the list.
  static std::unique_ptr<PostgresIssuedVouchers> New(ConnectionPool* pool);

  absl::StatusOr<std::vector<IssuedVoucher>> ListVouchers(
      const RequestContext& context, const VoucherQuery& query,
      int limit) override;

 private:
  explicit PostgresIssuedVouchers(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_ISSUED_VOUCHERS_H_
