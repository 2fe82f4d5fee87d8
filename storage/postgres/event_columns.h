// Audit events with who caused them and what the log is told, as the columns of
// one statement's arrays. Called within the body of a transaction.
#ifndef STORAGE_POSTGRES_EVENT_COLUMNS_H_
#define STORAGE_POSTGRES_EVENT_COLUMNS_H_

#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/log_rows.h"

namespace masa::storage {

// Rows of `changes`: one for all events of one call.
struct ChangeColumns {
  BytesArray ids, salts;
  TextArray tenants, actors, requests;
  TimeArray times;
};

// Rows of `audit_events`, with fresh salts.
struct EventColumns {
  SmallintArray buckets;
  BytesArray ids, devices, changes, salts, who_hashes;
  TextArray tenants, kinds, payloads;
  TimeArray times;
};

struct EventRows {
  ChangeColumns changes;
  EventColumns events;
  OutboxArrays outbox;
};

EventRows RowsOf(absl::Span<const AuditEvent> events);
// The same of events that nobody caused: without changes.
EventRows NamelessRowsOf(absl::Span<const AuditEvent> events);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_EVENT_COLUMNS_H_
