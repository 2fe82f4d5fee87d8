#include "storage/postgres/postgres_issued_vouchers.h"

#include <algorithm>
#include <string>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kListVouchers = {
    "list_vouchers",
    "SELECT " MASA_VOUCHER_COLUMNS("v") " FROM vouchers v "
    "WHERE v.bucket = $1 AND v.device_id = $2::bytea "
    "AND ($3::bytea = '' OR v.voucher_id = $3::bytea) "
    "AND v.created_on >= $4::timestamptz AND v.created_on < $5::timestamptz "
    "AND (v.created_on, v.voucher_id) < ($6::timestamptz, $7::bytea) "
    "ORDER BY v.created_on DESC, v.voucher_id DESC LIMIT $8"};

std::string TimeText(absl::Time time) {
  if (time == absl::InfinitePast()) {
    return "-infinity";
  }
  return time == absl::InfiniteFuture()
             ? "infinity"
             : absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time,
                                absl::UTCTimeZone());
}

}  // namespace

std::unique_ptr<PostgresIssuedVouchers> PostgresIssuedVouchers::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresIssuedVouchers>(
      new PostgresIssuedVouchers(pool));
}

absl::StatusOr<std::vector<IssuedVoucher>> PostgresIssuedVouchers::ListVouchers(
    const RequestContext& context, const VoucherQuery& query, int limit) {
  const VoucherQuery::Place after = query.after.value_or(
      VoucherQuery::Place{absl::InfiniteFuture(), ""});  // before all
  std::vector<IssuedVoucher> vouchers;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        vouchers.clear();
        for (const pqxx::row& row :
             Execute(transaction, kListVouchers, query.bucket,
                     BytesParameter(query.device_id),
                     BytesParameter(query.voucher_id), TimeText(query.from),
                     TimeText(query.before), TimeText(after.created_on),
                     BytesParameter(after.voucher_id), std::max(limit, 0))) {
          vouchers.push_back(ReadVoucher(row, 0));
        }
        return absl::OkStatus();
      }));
  return vouchers;
}

}  // namespace masa::storage
