#include "storage/postgres/log_rows.h"

#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kInsertOutbox = {
    "insert_outbox",
    "INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, event_ids, "
    "commitments) SELECT * FROM unnest($1::smallint[], $2::bytea[], "
    "$3::text[], $4::bytea[], $5::bytea[])"};

constexpr Statement kReadLogged = {
    "read_logged_events",
    "SELECT q.place, coalesce(d.organization_id, ''), "
    "coalesce(d.group_id, ''), "
    "CASE WHEN e.kind = 'voucher-issued' AND d.organization_id <> '' THEN "
    "(SELECT (extract(epoch FROM o.at) * 1000000)::bigint "
    "FROM ownership_entries o WHERE o.bucket = e.bucket "
    "AND o.device_id = e.device_id ORDER BY o.number DESC LIMIT 1) "
    "END, " MASA_LOG_EVENT_COLUMNS
    " FROM unnest($1::smallint[], $2::bytea[], $3::integer[]) "
    "AS q(bucket, event_id, place) "
    "JOIN audit_events e ON e.bucket = q.bucket AND e.event_id = q.event_id "
    "LEFT JOIN devices d ON d.bucket = e.bucket "
    "AND d.device_id = e.device_id " MASA_LOG_EVENT_JOIN};

}  // namespace

OutboxArrays::OutboxArrays(absl::Span<const OutboxRow> rows) {
  for (const OutboxRow& row : rows) {
    buckets.Add(row.bucket);
    ids.Add(row.outbox_id);
    tenants.Add(row.tenant_id);
    event_ids.Add(EncodeIds(row.entries));
    commitments.Add(EncodeCommitments(row.entries));
  }
}

void InsertOutbox(pqxx::transaction_base& transaction, const OutboxArrays& o) {
  Execute(transaction, kInsertOutbox, o.buckets.Finish(), o.ids.Finish(),
          o.tenants.Finish(), o.event_ids.Finish(), o.commitments.Finish());
}

LogEvent ReadLogEvent(const pqxx::row& row, int first) {
  const auto octets = [&row, first](int column) {
    return ReadBytes(row[first + column]);
  };
  const auto text = [&row, first](int column) {
    return row[first + column].as<std::string>("");
  };
  LogEvent event;
  event.bucket = row[first].as<int16_t>();
  event.event_id = octets(1);
  event.tenant_id = text(2);
  event.device_id = octets(3);
  event.kind = text(4);
  event.at = absl::FromUnixMicros(row[first + 5].as<int64_t>());
  event.payload = text(6);
  event.voucher_id = octets(7);
  event.voucher_sha256 = octets(8);
  event.domain_id = octets(9);
  event.pinned_spki_sha256 = octets(10);
  event.issuer_spki_sha256 = octets(11);
  event.request_digest = octets(12);
  if (!row[first + 13].is_null()) {
    event.nonce = text(13);
  }
  event.assertion = row[first + 14].as<int>(0);
  event.who_hash = octets(15);
  event.salt = octets(16);
  event.who = {text(17), text(18), octets(19)};
  return event;
}

std::vector<LoggedEvent> ReadLogged(pqxx::transaction_base& transaction,
                                    uint64_t first,
                                    absl::Span<const LogEntry> entries) {
  SmallintArray buckets;
  BytesArray ids;
  IntegerArray places;
  std::vector<LoggedEvent> logged;
  for (const LogEntry& entry : entries) {
    buckets.Add(entry.bucket);
    ids.Add(entry.event_id);
    places.Add(static_cast<int32_t>(logged.size()));
    LoggedEvent& one = logged.emplace_back();
    one.index = first + logged.size() - 1;
    one.entry = entry;
  }
  for (const pqxx::row& row :
       Execute(transaction, kReadLogged, buckets.Finish(), ids.Finish(),
               places.Finish())) {
    LoggedEvent& one = logged[row[0].as<size_t>()];
    one.organization_id = row[1].as<std::string>();
    one.group_id = row[2].as<std::string>();
    if (!row[3].is_null()) {
      one.owned_since = absl::FromUnixMicros(row[3].as<int64_t>());
    }
    one.event = ReadLogEvent(row, 4);
  }
  return logged;
}

}  // namespace masa::storage
