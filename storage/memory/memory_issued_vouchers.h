// Lists what a log in memory has of a device. Thread-safe.
#ifndef STORAGE_MEMORY_MEMORY_ISSUED_VOUCHERS_H_
#define STORAGE_MEMORY_MEMORY_ISSUED_VOUCHERS_H_

#include <vector>

#include "storage/issued_vouchers.h"

namespace masa::storage {

class MemoryIssuedVouchers final : public IssuedVouchers {
 public:
  // `log` outlives this.
  explicit MemoryIssuedVouchers(IssuanceLog& log) : log_(log) {}

  absl::StatusOr<std::vector<IssuedVoucher>> ListVouchers(
      const RequestContext& context, const VoucherQuery& query,
      int limit) override;

 private:
  IssuanceLog& log_;
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_ISSUED_VOUCHERS_H_
