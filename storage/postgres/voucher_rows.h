// The statements that write vouchers and read them by their keys. Like all that
// takes a pqxx type they throw as libpqxx does: for a transaction's body only.
#ifndef STORAGE_POSTGRES_VOUCHER_ROWS_H_
#define STORAGE_POSTGRES_VOUCHER_ROWS_H_

#include <cstdint>
#include <map>
#include <pqxx/transaction_base>
#include <string>
#include <tuple>
#include <vector>

#include "absl/types/span.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// Bucket, device, digest of the request, generation: the primary key.
using VoucherKey = std::tuple<int16_t, std::string, std::string, int32_t>;

// The key of `voucher`, as references into it.
inline auto KeyOf(const IssuedVoucher& voucher) {
  return std::tie(voucher.bucket, voucher.device_id, voucher.request_digest,
                  voucher.generation);
}

// Whether one of them is to be alone, which takes a transaction.
bool AreAlone(absl::Span<const IssuedVoucher* const> vouchers);

// Writes each voucher with its event and its claim, or nothing: a key that
// exists is a row that the database refuses (RefusesARow). False, and nothing,
// when a device is not what it was when its voucher was decided; then a
// transaction has to be taken back.
bool InsertVouchers(pqxx::transaction_base& transaction,
                    absl::Span<const IssuedVoucher* const> vouchers);

// What is stored of `keys`.
std::map<VoucherKey, IssuedVoucher> ReadVouchers(
    pqxx::transaction_base& transaction, absl::Span<const VoucherKey> keys);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_VOUCHER_ROWS_H_
