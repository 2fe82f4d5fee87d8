// Audit events as the log of events has them, as rows. Like all that takes a
// pqxx type these throw as libpqxx does: for a transaction's body only.
#ifndef STORAGE_POSTGRES_LOG_ROWS_H_
#define STORAGE_POSTGRES_LOG_ROWS_H_

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "storage/audit_log.h"
#include "storage/log_event.h"
#include "storage/postgres/array_parameter.h"

namespace masa::storage {

// The columns of the outbox, one row after the other.
struct OutboxArrays {
  explicit OutboxArrays(absl::Span<const OutboxRow> rows);

  SmallintArray buckets;
  BytesArray ids, event_ids, commitments;
  TextArray tenants;
};

// Leaves for the sequencer what the transaction adds to the log.
void InsertOutbox(pqxx::transaction_base& transaction,
                  const OutboxArrays& rows);

// The columns of an event with what is still known of who did it; `e` is the
// event's table, `c` its change and `v` its voucher, as the join below has
// them.
#define MASA_LOG_EVENT_COLUMNS                                              \
  "e.bucket, e.event_id, e.tenant_id, e.device_id, e.kind, "                \
  "(extract(epoch FROM e.at) * 1000000)::bigint, e.payload, e.voucher_id, " \
  "e.voucher_sha256, e.domain_id, e.pinned_spki_sha256, "                   \
  "e.issuer_spki_sha256, e.request_digest, e.nonce, e.assertion, "          \
  "e.who_hash, e.salt, coalesce(c.actor, v.actor, ''), "                    \
  "coalesce(c.request_id, v.request_id, ''), "                              \
  "coalesce(c.who_salt, v.who_salt, '')"
inline constexpr int kLogEventColumns = 20;
#define MASA_LOG_EVENT_JOIN                                                \
  "LEFT JOIN changes c ON c.change_id = e.change_id "                      \
  "LEFT JOIN vouchers v ON v.bucket = e.bucket "                           \
  "AND v.device_id = e.device_id AND v.request_digest = e.request_digest " \
  "AND v.audit_event_id = e.event_id "

// The event whose columns start at `first`.
LogEvent ReadLogEvent(const pqxx::row& row, int first);

// The entries, which are places of a log from `first` on, with their events.
std::vector<LoggedEvent> ReadLogged(pqxx::transaction_base& transaction,
                                    uint64_t first,
                                    absl::Span<const LogEntry> entries);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_LOG_ROWS_H_
