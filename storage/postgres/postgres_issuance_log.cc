#include "storage/postgres/postgres_issuance_log.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/status/macros.h"
#include "storage/device_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/postgres/voucher_rows.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kMostRows = 256;

constexpr Statement kReadByDevice = {
    "vouchers_by_device",
    "SELECT " MASA_VOUCHER_COLUMNS("v") " FROM vouchers v "
    "WHERE v.bucket = $1 AND v.device_id = $2::bytea "
    "ORDER BY v.created_on DESC, v.voucher_id DESC LIMIT $3"};

}  // namespace

struct PostgresIssuanceLog::Row {
  IssuedVoucher* voucher = nullptr;
  absl::StatusOr<Committed>* outcome = nullptr;
};

std::unique_ptr<PostgresIssuanceLog> PostgresIssuanceLog::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresIssuanceLog>(new PostgresIssuanceLog(pool));
}

PostgresIssuanceLog::PostgresIssuanceLog(ConnectionPool* pool) : pool_(pool) {}

std::vector<absl::StatusOr<Committed>> PostgresIssuanceLog::Commit(
    const RequestContext& context, std::vector<IssuedVoucher> vouchers) {
  std::vector<absl::StatusOr<Committed>> outcomes(vouchers.size());
  std::vector<Row> rows;
  for (size_t i = 0; i < vouchers.size(); ++i) {
    const absl::Status checked = CheckVoucher(vouchers[i]);
    if (checked.ok()) {
      rows.push_back({&vouchers[i], &outcomes[i]});
    } else {
      outcomes[i] = checked;
    }
  }
  // Two batches that share keys lock them in the same order. Stable: the
  // first of two equal items is the one that is stored.
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return KeyOf(*a.voucher) < KeyOf(*b.voucher);
  });
  std::vector<Row> first, repeats;
  for (const Row& row : rows) {
    const bool repeats_last =
        !first.empty() && KeyOf(*row.voucher) == KeyOf(*first.back().voucher);
    (repeats_last ? repeats : first).push_back(row);
  }
  for (absl::Span<Row> rest :
       {absl::MakeSpan(first), absl::MakeSpan(repeats)}) {
    while (!rest.empty()) {
      CommitRows(context, rest.subspan(0, kMostRows));
      rest.remove_prefix(std::min(rest.size(), kMostRows));
    }
  }
  return outcomes;
}

void PostgresIssuanceLog::CommitRows(const RequestContext& context,
                                     absl::Span<Row> rows) {
  if (rows.empty()) {
    return;
  }
  std::vector<const IssuedVoucher*> vouchers;
  for (const Row& row : rows) {
    vouchers.push_back(row.voucher);
  }
  bool changed = false;
  const absl::Status status =
      RunTransaction(*pool_, context,
                     AreAlone(vouchers) ? TransactionKind::kManyStatements
                                        : TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       changed = !InsertVouchers(transaction, vouchers);
                       return changed ? DeviceHasChanged() : absl::OkStatus();
                     });
  if (RefusesARow(status)) {
    SettleRefused(context, status, rows);
    return;
  }
  if (changed && rows.size() > 1) {
    CommitRows(context, rows.subspan(0, rows.size() / 2));
    CommitRows(context, rows.subspan(rows.size() / 2));
    return;
  }
  for (const Row& row : rows) {
    if (status.ok()) {
      *row.outcome = Committed{std::move(*row.voucher), false};
    } else {
      *row.outcome = status;
    }
  }
}

void PostgresIssuanceLog::SettleRefused(const RequestContext& context,
                                        const absl::Status& refused,
                                        absl::Span<Row> rows) {
  std::vector<VoucherKey> keys;
  for (const Row& row : rows) {
    keys.push_back(KeyOf(*row.voucher));
  }
  std::map<VoucherKey, IssuedVoucher> stored;
  const absl::Status status =
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       stored = ReadVouchers(transaction, keys);
                       return absl::OkStatus();
                     });
  const auto is_settled = [&](const Row& row) {
    if (!status.ok()) {
      *row.outcome = status;
      return true;
    }
    const auto found = stored.find(KeyOf(*row.voucher));
    if (found != stored.end()) {
      *row.outcome = Committed{found->second, true};
    }
    return found != stored.end();
  };
  const size_t settled =
      std::stable_partition(rows.begin(), rows.end(), is_settled) -
      rows.begin();
  if (settled == 0 && rows.size() == 1) {
    *rows.front().outcome = refused;
    return;
  }
  const absl::Span<Row> rest = rows.subspan(settled);
  const size_t part = settled == 0 ? rest.size() / 2 : rest.size();
  CommitRows(context, rest.subspan(0, part));
  CommitRows(context, rest.subspan(part));
}

absl::StatusOr<std::vector<IssuedVoucher>> PostgresIssuanceLog::ListForDevice(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  std::vector<IssuedVoucher> vouchers;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        vouchers.clear();
        const pqxx::result found =
            Execute(transaction, kReadByDevice, bucket,
                    BytesParameter(device_id), std::max(limit, 0));
        for (const pqxx::row& row : found) {
          vouchers.push_back(ReadVoucher(row, 0));
        }
        return absl::OkStatus();
      }));
  return vouchers;
}

}  // namespace masa::storage
