#include "storage/postgres/postgres_audit_log.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "services/status/macros.h"
#include "storage/log_places.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/log_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kReadHead = {
    "read_log_head", "SELECT size, root FROM audit_heads WHERE tenant_id = $1"};

constexpr Statement kReadTiles = {
    "read_log_tiles",
    "SELECT t.level, t.number, t.hashes FROM unnest($2::smallint[], "
    "$3::bigint[]) AS q(level, number) JOIN audit_tiles t "
    "ON t.tenant_id = $1 AND t.level = q.level AND t.number = q.number"};

constexpr Statement kReadBundles = {
    "read_log_bundles",
    "SELECT number, event_ids, commitments FROM audit_entries "
    "WHERE tenant_id = $1 AND number BETWEEN $2 AND $3 ORDER BY number"};

constexpr Statement kFindPlaces = {
    "find_log_places",
    "SELECT DISTINCT e.number, e.event_ids FROM audit_places p "
    "JOIN audit_entries e ON e.tenant_id = p.tenant_id "
    "AND e.number = p.number "
    "WHERE p.tenant_id = $1 AND p.slice BETWEEN $2 AND $3"};

constexpr Statement kPickVoucher = {
    "pick_voucher_event",
    "SELECT e.event_id FROM unnest($1::smallint[], $2::bytea[]) "
    "AS q(bucket, event_id) JOIN audit_events e ON e.bucket = q.bucket "
    "AND e.event_id = q.event_id WHERE e.voucher_id = $3::bytea LIMIT 1"};

constexpr Statement kSizeAt = {
    "log_size_at",
    "SELECT number FROM audit_places WHERE tenant_id = $1 AND slice > $2 "
    "ORDER BY slice, number LIMIT 1"};

// Issuances are found by the device's vouchers, the others by themselves.
constexpr Statement kListOfDevice = {
    "list_device_events",
    "SELECT " MASA_LOG_EVENT_COLUMNS
    " FROM ((SELECT bucket, audit_event_id AS event_id, created_on AS at "
    "FROM vouchers WHERE bucket = $1 AND device_id = $2::bytea "
    "AND created_on <= $3::timestamptz "
    "AND (created_on, audit_event_id) < ($3::timestamptz, $4::bytea) "
    "ORDER BY created_on DESC, audit_event_id DESC LIMIT $5) UNION ALL "
    "(SELECT bucket, event_id, at FROM audit_events WHERE bucket = $1 "
    "AND device_id = $2::bytea AND voucher_id IS NULL "
    "AND (at, event_id) < ($3::timestamptz, $4::bytea) "
    "ORDER BY at DESC, event_id DESC LIMIT $5)) AS q "
    "JOIN audit_events e ON e.bucket = q.bucket AND e.event_id = "
    "q.event_id " MASA_LOG_EVENT_JOIN
    "WHERE e.tenant_id = $6 ORDER BY q.at DESC, q.event_id DESC LIMIT $5"};

#define MASA_CHECKPOINT_COLUMNS \
  "size, (extract(epoch FROM at) * 1000000)::bigint, note"

constexpr Statement kCheckpointFrom = {
    "checkpoint_from", "SELECT " MASA_CHECKPOINT_COLUMNS
                       " FROM audit_checkpoints WHERE tenant_id = $1 "
                       "AND size >= $2 ORDER BY size LIMIT 1"};

constexpr Statement kListCheckpoints = {
    "list_checkpoints", "SELECT " MASA_CHECKPOINT_COLUMNS
                        " FROM audit_checkpoints WHERE tenant_id = $1 "
                        "AND size < $2 ORDER BY size DESC LIMIT $3"};

LogCheckpoint ReadCheckpoint(const std::string& tenant_id,
                             const pqxx::row& row) {
  return {tenant_id, row[0].as<uint64_t>(),
          absl::FromUnixMicros(row[1].as<int64_t>()), row[2].as<std::string>()};
}

int64_t Bigint(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(
      value, static_cast<uint64_t>(std::numeric_limits<int64_t>::max())));
}

// What is in the bundles that have events of these slices, by their indexes.
std::vector<std::pair<uint64_t, LogEntry>> EntriesOf(
    pqxx::transaction_base& transaction, const std::string& tenant_id,
    int64_t first_slice, int64_t last_slice) {
  std::vector<std::pair<uint64_t, LogEntry>> found;
  for (const pqxx::row& row :
       Execute(transaction, kFindPlaces, tenant_id, first_slice, last_slice)) {
    uint64_t index = row[0].as<uint64_t>() * kBundleWidth;
    for (LogEntry& entry : DecodeEntries(ReadBytes(row[1]), "")) {
      found.emplace_back(index++, std::move(entry));
    }
  }
  return found;
}

std::vector<LogEntry> ReadBundles(pqxx::transaction_base& transaction,
                                  const std::string& tenant_id, uint64_t first,
                                  uint64_t limit) {
  std::vector<LogEntry> entries;
  const uint64_t number = first / kBundleWidth;
  for (const pqxx::row& row :
       Execute(transaction, kReadBundles, tenant_id, Bigint(number),
               Bigint((first + limit - 1) / kBundleWidth))) {
    const auto bundle = DecodeEntries(ReadBytes(row[1]), ReadBytes(row[2]));
    entries.insert(entries.end(), bundle.begin(), bundle.end());
  }
  const size_t skipped =
      std::min<size_t>(entries.size(), first - number * kBundleWidth);
  entries.erase(entries.begin(), entries.begin() + skipped);
  entries.resize(std::min<size_t>(entries.size(), limit));
  return entries;
}

}  // namespace

std::unique_ptr<PostgresAuditLog> PostgresAuditLog::New(ConnectionPool* pool) {
  return std::unique_ptr<PostgresAuditLog>(new PostgresAuditLog(pool));
}

absl::StatusOr<LogHead> PostgresAuditLog::ReadHead(
    const RequestContext& context, const std::string& tenant_id) {
  LogHead head;
  if (!IsStorableText(tenant_id)) {
    return head;  // a name that no record can have
  }
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       head = {};
                       for (const pqxx::row& row :
                            Execute(transaction, kReadHead, tenant_id)) {
                         head = {row[0].as<uint64_t>(), ReadBytes(row[1])};
                       }
                       return absl::OkStatus();
                     }));
  return head;
}

absl::StatusOr<std::vector<LogTile>> PostgresAuditLog::ReadTiles(
    const RequestContext& context, const std::string& tenant_id,
    absl::Span<const LogTileKey> keys) {
  SmallintArray levels;
  BigintArray numbers;
  for (const LogTileKey& key : keys) {
    levels.Add(static_cast<int16_t>(key.level));
    numbers.Add(Bigint(key.number));
  }
  std::vector<LogTile> tiles;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        tiles.clear();
        for (const pqxx::row& row :
             Execute(transaction, kReadTiles, tenant_id, levels.Finish(),
                     numbers.Finish())) {
          tiles.push_back(
              {{row[0].as<int>(), row[1].as<uint64_t>()}, ReadBytes(row[2])});
        }
        return absl::OkStatus();
      }));
  return tiles;
}

absl::StatusOr<std::vector<LoggedEvent>> PostgresAuditLog::ReadEntries(
    const RequestContext& context, const std::string& tenant_id, uint64_t first,
    int limit) {
  std::vector<LoggedEvent> logged;
  if (limit <= 0 || !IsStorableText(tenant_id)) {
    return logged;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        logged = ReadLogged(transaction, first,
                            ReadBundles(transaction, tenant_id, first,
                                        static_cast<uint64_t>(limit)));
        return absl::OkStatus();
      }));
  return logged;
}

absl::StatusOr<std::vector<LogEntry>> PostgresAuditLog::ReadBareEntries(
    const RequestContext& context, const std::string& tenant_id, uint64_t first,
    int limit) {
  std::vector<LogEntry> entries;
  if (limit <= 0 || !IsStorableText(tenant_id)) {
    return entries;
  }
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       entries = ReadBundles(transaction, tenant_id, first,
                                             static_cast<uint64_t>(limit));
                       return absl::OkStatus();
                     }));
  return entries;
}

absl::StatusOr<std::optional<uint64_t>> PostgresAuditLog::FindEvent(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& event_id) {
  std::optional<uint64_t> index;
  const int64_t slice = SliceOf(event_id);
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       index.reset();
                       for (const auto& [at, entry] :
                            EntriesOf(transaction, tenant_id, slice, slice)) {
                         if (entry.event_id == event_id) {
                           index = at;
                         }
                       }
                       return absl::OkStatus();
                     }));
  return index;
}

absl::StatusOr<std::optional<uint64_t>> PostgresAuditLog::FindVoucher(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& voucher_id) {
  std::optional<uint64_t> index;
  const int64_t slice = SliceOf(voucher_id);
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        index.reset();
        SmallintArray buckets;
        BytesArray ids;
        const auto entries =
            EntriesOf(transaction, tenant_id, slice - kVoucherSlices,
                      slice + kVoucherSlices);
        for (const auto& [at, entry] : entries) {
          buckets.Add(entry.bucket);
          ids.Add(entry.event_id);
        }
        const pqxx::result picked =
            Execute(transaction, kPickVoucher, buckets.Finish(), ids.Finish(),
                    BytesParameter(voucher_id));
        for (const auto& [at, entry] : entries) {
          if (!picked.empty() && entry.event_id == ReadBytes(picked[0][0])) {
            index = at;
          }
        }
        return absl::OkStatus();
      }));
  return index;
}

absl::StatusOr<uint64_t> PostgresAuditLog::SizeAt(const RequestContext& context,
                                                  const std::string& tenant_id,
                                                  absl::Time at) {
  MASA_ASSIGN_OR_RETURN(const LogHead head, ReadHead(context, tenant_id));
  uint64_t size = head.size;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        size = head.size;
        for (const pqxx::row& row : Execute(transaction, kSizeAt, tenant_id,
                                            SliceOfTime(at + kLatest))) {
          size = std::min(size, (row[0].as<uint64_t>() + 1) * kBundleWidth);
        }
        return absl::OkStatus();
      }));
  return size;
}

absl::StatusOr<std::vector<LogEvent>> PostgresAuditLog::ListOfDevice(
    const RequestContext& context, const DeviceEventsQuestion& question) {
  const absl::Time before = question.before_id.empty()
                                ? absl::FromUnixSeconds(253'402'300'799)
                                : question.before;
  std::vector<LogEvent> events;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        events.clear();
        for (const pqxx::row& row :
             Execute(transaction, kListOfDevice, question.bucket,
                     BytesParameter(question.device_id),
                     absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", before,
                                      absl::UTCTimeZone()),
                     BytesParameter(question.before_id),
                     std::max(question.limit, 0), question.tenant_id)) {
          events.push_back(ReadLogEvent(row, 0));
        }
        return absl::OkStatus();
      }));
  return events;
}

absl::StatusOr<std::optional<LogCheckpoint>> PostgresAuditLog::CheckpointFrom(
    const RequestContext& context, const std::string& tenant_id,
    uint64_t size) {
  std::optional<LogCheckpoint> checkpoint;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        checkpoint.reset();
        for (const pqxx::row& row :
             Execute(transaction, kCheckpointFrom, tenant_id, Bigint(size))) {
          checkpoint = ReadCheckpoint(tenant_id, row);
        }
        return absl::OkStatus();
      }));
  return checkpoint;
}

absl::StatusOr<std::vector<LogCheckpoint>> PostgresAuditLog::ListCheckpoints(
    const RequestContext& context, const std::string& tenant_id,
    uint64_t before, int limit) {
  std::vector<LogCheckpoint> checkpoints;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       checkpoints.clear();
                       for (const pqxx::row& row :
                            Execute(transaction, kListCheckpoints, tenant_id,
                                    Bigint(before), std::max(limit, 0))) {
                         checkpoints.push_back(ReadCheckpoint(tenant_id, row));
                       }
                       return absl::OkStatus();
                     }));
  return checkpoints;
}

}  // namespace masa::storage
