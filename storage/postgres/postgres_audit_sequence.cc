#include "storage/postgres/postgres_audit_sequence.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/log_places.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/log_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kTakeLease = {
    "take_audit_lease",
    "INSERT INTO audit_lease AS l (name, holder, epoch, until) "
    "VALUES ('sequencer', $1, 1, $3::timestamptz) ON CONFLICT (name) "
    "DO UPDATE SET holder = excluded.holder, until = excluded.until, "
    "epoch = CASE WHEN l.holder = excluded.holder "
    "AND l.until >= $2::timestamptz THEN l.epoch ELSE l.epoch + 1 END "
    "WHERE l.holder = excluded.holder OR l.until < $2::timestamptz "
    "RETURNING epoch"};

constexpr Statement kReadOutbox = {
    "read_audit_outbox",
    "SELECT bucket, outbox_id, tenant_id, event_ids, commitments "
    "FROM audit_outbox ORDER BY outbox_id, bucket LIMIT $1"};

// Past all that waits of those in $2, row by row: only while a log does not
// hold.
constexpr Statement kReadOutboxBut = {
    "read_audit_outbox_but",
    "SELECT bucket, outbox_id, tenant_id, event_ids, commitments "
    "FROM audit_outbox WHERE tenant_id <> ALL($2::text[]) "
    "ORDER BY outbox_id, bucket LIMIT $1"};

constexpr Statement kCountWaiting = {
    "count_audit_outbox",
    "SELECT coalesce(sum(octet_length(event_ids) / 18.0), 0)::bigint "
    "FROM audit_outbox"};

constexpr Statement kOpenLog = {
    "open_audit_log",
    "INSERT INTO audit_heads (tenant_id, size, root) VALUES ($1, 0, '') "
    "ON CONFLICT (tenant_id) DO NOTHING"};

// Who holds another epoch, or saw another size, changes nothing.
constexpr Statement kAdvance = {
    "advance_audit_log",
    "UPDATE audit_heads h SET size = $3, root = $4::bytea FROM audit_lease l "
    "WHERE h.tenant_id = $1 AND h.size = $2 AND l.name = 'sequencer' "
    "AND l.epoch = $5"};

constexpr Statement kTake = {
    "take_audit_outbox",
    "DELETE FROM audit_outbox o USING unnest($2::smallint[], $3::bytea[]) "
    "AS q(bucket, outbox_id) WHERE o.bucket = q.bucket "
    "AND o.outbox_id = q.outbox_id AND o.tenant_id = $1"};

constexpr Statement kAddEntries = {
    "add_audit_entries",
    "INSERT INTO audit_entries AS old (tenant_id, number, event_ids, "
    "commitments) SELECT $1::text, q.* FROM unnest($2::bigint[], $3::bytea[], "
    "$4::bytea[]) AS q ON CONFLICT (tenant_id, number) DO UPDATE SET "
    "event_ids = old.event_ids || excluded.event_ids, "
    "commitments = old.commitments || excluded.commitments"};

constexpr Statement kPutTiles = {
    "put_audit_tiles",
    "INSERT INTO audit_tiles (tenant_id, level, number, hashes) "
    "SELECT $1::text, q.* FROM unnest($2::smallint[], $3::bigint[], "
    "$4::bytea[]) AS q ON CONFLICT (tenant_id, level, number) "
    "DO UPDATE SET hashes = excluded.hashes"};

constexpr Statement kPutPlaces = {
    "put_audit_places",
    "INSERT INTO audit_places (tenant_id, slice, number) SELECT $1::text, q.* "
    "FROM unnest($2::bigint[], $3::bigint[]) AS q "
    "ON CONFLICT (tenant_id, slice, number) DO NOTHING"};

constexpr Statement kListLogs = {
    "list_audit_logs", "SELECT tenant_id FROM audit_heads ORDER BY tenant_id"};

constexpr Statement kKeepCheckpoint = {
    "keep_checkpoint",
    "INSERT INTO audit_checkpoints (tenant_id, size, at, note) "
    "VALUES ($1, $2, $3::timestamptz, $4) "
    "ON CONFLICT (tenant_id, size) DO NOTHING"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::Status NotOurs() {
  return Refuse(Reason::kStoreConflict,
                "another sequencer has gone on with the audit log");
}

// Rows from before the log have no commitments: nobody who wrote them knew of
// it. Of an event that is gone the log says nothing but that.
void Commit(pqxx::transaction_base& transaction, OutboxRow& row) {
  const std::string nothing(32, '\0');
  const auto logged = ReadLogged(transaction, 0, row.entries);
  for (size_t i = 0; i < logged.size(); ++i) {
    row.entries[i].commitment =
        logged[i].event ? CommitmentOf(*logged[i].event) : nothing;
  }
}

std::vector<OutboxRow> SelectOutbox(pqxx::transaction_base& transaction,
                                    absl::Span<const std::string> but,
                                    int limit) {
  TextArray tenants;
  for (const std::string& tenant_id : but) {
    tenants.Add(tenant_id);
  }
  std::vector<OutboxRow> rows;
  for (const pqxx::row& found :
       but.empty()
           ? Execute(transaction, kReadOutbox, limit)
           : Execute(transaction, kReadOutboxBut, limit, tenants.Finish())) {
    OutboxRow& row = rows.emplace_back();
    row.bucket = found[0].as<int16_t>();
    row.outbox_id = ReadBytes(found[1]);
    row.tenant_id = found[2].as<std::string>();
    row.entries = DecodeEntries(ReadBytes(found[3]), ReadBytes(found[4]));
    if (!row.entries.empty() && row.entries.front().commitment.empty()) {
      Commit(transaction, row);
    }
  }
  return rows;
}

bool Take(pqxx::transaction_base& transaction, const std::string& tenant_id,
          absl::Span<const OutboxRow> rows) {
  SmallintArray buckets;
  BytesArray ids;
  for (const OutboxRow& row : rows) {
    buckets.Add(row.bucket);
    ids.Add(row.outbox_id);
  }
  return Execute(transaction, kTake, tenant_id, buckets.Finish(), ids.Finish())
             .affected_rows() == rows.size();
}

void AddEntries(pqxx::transaction_base& transaction, const LogAppend& append) {
  BigintArray numbers, slices, places;
  BytesArray ids, commitments;
  for (const auto& [number, entries] :
       BundlesOf(append.from, EntriesOfRows(append.rows))) {
    numbers.Add(static_cast<int64_t>(number));
    ids.Add(EncodeIds(entries));
    commitments.Add(EncodeCommitments(entries));
    for (const int64_t slice : SlicesOf(entries)) {
      slices.Add(slice);
      places.Add(static_cast<int64_t>(number));
    }
  }
  Execute(transaction, kAddEntries, append.tenant_id, numbers.Finish(),
          ids.Finish(), commitments.Finish());
  Execute(transaction, kPutPlaces, append.tenant_id, slices.Finish(),
          places.Finish());
}

void PutTiles(pqxx::transaction_base& transaction, const LogAppend& append) {
  SmallintArray levels;
  BigintArray numbers;
  BytesArray hashes;
  for (const LogTile& tile : append.tiles) {
    levels.Add(static_cast<int16_t>(tile.key.level));
    numbers.Add(static_cast<int64_t>(tile.key.number));
    hashes.Add(tile.hashes);
  }
  Execute(transaction, kPutTiles, append.tenant_id, levels.Finish(),
          numbers.Finish(), hashes.Finish());
}

}  // namespace

std::unique_ptr<PostgresAuditSequence> PostgresAuditSequence::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresAuditSequence>(
      new PostgresAuditSequence(pool));
}

absl::StatusOr<std::optional<int64_t>> PostgresAuditSequence::TakeLease(
    const RequestContext& context, const std::string& holder, absl::Time now,
    absl::Time until) {
  std::optional<int64_t> epoch;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        epoch.reset();
        for (const pqxx::row& row : Execute(transaction, kTakeLease, holder,
                                            TimeText(now), TimeText(until))) {
          epoch = row[0].as<int64_t>();
        }
        return absl::OkStatus();
      }));
  return epoch;
}

absl::StatusOr<std::vector<OutboxRow>> PostgresAuditSequence::ReadOutbox(
    const RequestContext& context, absl::Span<const std::string> but,
    int limit) {
  std::vector<OutboxRow> rows;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        rows = SelectOutbox(transaction, but, std::max(limit, 0));
        return absl::OkStatus();
      }));
  return rows;
}

absl::StatusOr<int64_t> PostgresAuditSequence::CountWaiting(
    const RequestContext& context) {
  int64_t count = 0;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        count = Execute(transaction, kCountWaiting)[0][0].as<int64_t>();
        return absl::OkStatus();
      }));
  return count;
}

absl::Status PostgresAuditSequence::Append(const RequestContext& context,
                                           const LogAppend& append) {
  return RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&append](pqxx::transaction_base& transaction) {
        if (append.from == 0) {
          Execute(transaction, kOpenLog, append.tenant_id);
        }
        // First: a second sequencer waits here, and then finds another size.
        if (Execute(transaction, kAdvance, append.tenant_id,
                    static_cast<int64_t>(append.from),
                    static_cast<int64_t>(append.after.size),
                    BytesParameter(append.after.root), append.epoch)
                    .affected_rows() != 1 ||
            !Take(transaction, append.tenant_id, append.rows)) {
          return NotOurs();
        }
        AddEntries(transaction, append);
        PutTiles(transaction, append);
        return absl::OkStatus();
      });
}

absl::Status PostgresAuditSequence::WriteEvent(const RequestContext& context,
                                               const AuditEvent& event) {
  return RunTransaction(*pool_, context, TransactionKind::kManyStatements,
                        [&event](pqxx::transaction_base& transaction) {
                          if (event.actor.empty()) {
                            InsertNamelessEvents(transaction, {event});
                          } else {
                            InsertEvents(transaction, {event});
                          }
                          return absl::OkStatus();
                        });
}

absl::StatusOr<std::vector<std::string>> PostgresAuditSequence::ListLogs(
    const RequestContext& context) {
  std::vector<std::string> tenants;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        tenants.clear();
        for (const pqxx::row& row : Execute(transaction, kListLogs)) {
          tenants.push_back(row[0].as<std::string>());
        }
        return absl::OkStatus();
      }));
  return tenants;
}

absl::Status PostgresAuditSequence::KeepCheckpoint(
    const RequestContext& context, const LogCheckpoint& checkpoint) {
  return RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                        [&](pqxx::transaction_base& transaction) {
                          Execute(transaction, kKeepCheckpoint,
                                  checkpoint.tenant_id,
                                  static_cast<int64_t>(checkpoint.size),
                                  TimeText(checkpoint.at), checkpoint.note);
                          return absl::OkStatus();
                        });
}

}  // namespace masa::storage
