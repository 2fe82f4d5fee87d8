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

// What rules and the audit log are told of a voucher.
#define MASA_TOLD_COLUMNS                                           \
  "v.voucher_id, v.assertion, v.nonce, v.created_on, v.domain_id, " \
  "v.pinned_spki_sha256, v.issuer_spki_sha256, v.prior_digest"
#define MASA_TOLD_VALUES(t)                                              \
  t ".voucher_id, " t ".assertion, " t                                   \
    ".nonce, "                                                           \
    "(extract(epoch FROM " t ".created_on) * 1000000)::bigint, " t       \
    ".domain_id, " t ".pinned_spki_sha256, " t ".issuer_spki_sha256, " t \
    ".prior_digest"
constexpr int kToldColumns = 8;

// The device's first in an order of the index, of those that are `such`.
#define MASA_FIRST_VOUCHER(such, order)                             \
  "(SELECT " MASA_TOLD_COLUMNS                                      \
  " FROM vouchers v WHERE v.bucket = $1 "                           \
  "AND v.device_id = $2::bytea" such " ORDER BY v.created_on" order \
  ", v.voucher_id" order " LIMIT 1)"
#define MASA_IS_OWN                                               \
  "(v.pinned_spki_sha256 = ANY($3::bytea[]) OR ($4::bytea <> '' " \
  "AND v.issuer_spki_sha256 = $4::bytea))"

// Each part stops where it finds one.
constexpr Statement kReadForRules = {
    "vouchers_for_rules",
    "SELECT " MASA_TOLD_VALUES("w") " FROM ("
    MASA_FIRST_VOUCHER(" AND " MASA_IS_OWN, " DESC") " UNION ALL "
    MASA_FIRST_VOUCHER(" AND v.nonce IS NULL AND " MASA_IS_OWN, " DESC")
    " UNION ALL " MASA_FIRST_VOUCHER(" AND NOT " MASA_IS_OWN, " DESC")
    " UNION ALL " MASA_FIRST_VOUCHER(" AND $5::bytea <> '' "
    "AND v.prior_digest = $5::bytea AND NOT " MASA_IS_OWN, " DESC")
    " UNION ALL " MASA_FIRST_VOUCHER("", "") ") AS w "
    "ORDER BY w.created_on DESC, w.voucher_id DESC"};

// Counts first, and then finds the newest of each by the index of the device.
constexpr Statement kSummarize = {
    "vouchers_summarized",
    "SELECT " MASA_TOLD_VALUES("w") ", k.events - 1, k.older_nonced, "
    "k.older_nonceless, k.entries FROM (SELECT g.*, "
    "coalesce(sum(g.events - 1) FILTER (WHERE NOT g.nonceless) OVER (), "
    "0)::bigint AS older_nonced, coalesce(sum(g.events - 1) FILTER "
    "(WHERE g.nonceless) OVER (), 0)::bigint AS older_nonceless, "
    "count(*) OVER () AS entries FROM (SELECT v.domain_id, "
    "v.nonce IS NULL AS nonceless, count(*) AS events, "
    "max(v.created_on) AS newest FROM vouchers v WHERE v.bucket = $1 "
    "AND v.device_id = $2::bytea GROUP BY v.domain_id, v.nonce IS NULL) AS g "
    "ORDER BY g.newest DESC LIMIT $3) AS k CROSS JOIN LATERAL "
    MASA_FIRST_VOUCHER(" AND v.created_on = k.newest "
    "AND v.domain_id = k.domain_id AND (v.nonce IS NULL) = k.nonceless",
    " DESC") " AS w ORDER BY w.created_on DESC, w.voucher_id DESC"};

IssuedVoucher ReadTold(const pqxx::row& row, int16_t bucket,
                       const std::string& device_id) {
  IssuedVoucher told;
  told.bucket = bucket;
  told.device_id = device_id;
  told.voucher_id = ReadBytes(row[0]);
  told.assertion = static_cast<masa::v1::Assertion>(row[1].as<int>());
  if (!row[2].is_null()) {
    told.nonce = row[2].as<std::string>();
  }
  told.created_on = absl::FromUnixMicros(row[3].as<int64_t>());
  told.domain_id = ReadBytes(row[4]);
  told.pinned_spki_sha256 = ReadBytes(row[5]);
  told.issuer_spki_sha256 = ReadBytes(row[6]);
  told.prior_digest = ReadBytes(row[7]);
  return told;
}

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

absl::StatusOr<std::vector<IssuedVoucher>> PostgresIssuanceLog::ReadForRules(
    const RequestContext& context, const RulesQuestion& question) {
  const std::vector<std::string>& chain = question.chain_spki_sha256;
  BytesArray keys;
  for (const std::string& key : chain) {
    keys.Add(key);
  }
  std::vector<IssuedVoucher> vouchers;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        vouchers.clear();
        for (const pqxx::row& row :
             Execute(transaction, kReadForRules, question.bucket,
                     BytesParameter(question.device_id), keys.Finish(),
                     BytesParameter(chain.size() > 1 ? chain[1] : ""),
                     BytesParameter(question.prior_digest))) {
          IssuedVoucher told =
              ReadTold(row, question.bucket, question.device_id);
          // One may be the answer to several parts.
          if (vouchers.empty() ||
              vouchers.back().voucher_id != told.voucher_id) {
            vouchers.push_back(std::move(told));
          }
        }
        return absl::OkStatus();
      }));
  return vouchers;
}

absl::StatusOr<IssuanceSummary> PostgresIssuanceLog::Summarize(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  IssuanceSummary summary;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        summary = {};
        const pqxx::result found =
            Execute(transaction, kSummarize, bucket, BytesParameter(device_id),
                    std::max(limit, 1));
        const auto number = [](const pqxx::row& row, int column) {
          return static_cast<uint64_t>(
              row[kToldColumns + column].as<int64_t>());
        };
        for (const pqxx::row& row : found) {
          summary.entries.push_back(
              {ReadTold(row, bucket, device_id), number(row, 0)});
          summary.older_nonced = number(row, 1);
          summary.older_nonceless = number(row, 2);
          summary.unlisted = number(row, 3) - found.size();
        }
        return absl::OkStatus();
      }));
  return summary;
}

}  // namespace masa::storage
