#include "storage/postgres/event_columns.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/log_event.h"

namespace masa::storage {
namespace {

// Who, when and on what request, within a tenant.
using ChangeKey = std::tuple<std::string, absl::Time, std::string, std::string>;

struct NamedChange {
  std::string change_id;  // that of its first event
  Who who;
};
using Changes = std::map<ChangeKey, NamedChange>;

ChangeKey KeyOf(const AuditEvent& event) {
  return {event.tenant_id, event.at, event.actor, event.request_id};
}

Changes ChangesOf(absl::Span<const AuditEvent> events) {
  Changes changes;
  for (const AuditEvent& event : events) {
    NamedChange& change = changes[KeyOf(event)];
    if (change.change_id.empty()) {
      change = {event.event_id, {event.actor, event.request_id, NewSalt()}};
    }
  }
  return changes;
}

ChangeColumns ColumnsOf(const Changes& changes) {
  ChangeColumns columns;
  for (const auto& [key, change] : changes) {
    columns.ids.Add(change.change_id);
    columns.salts.Add(change.who.salt);
    columns.tenants.Add(std::get<0>(key));
    columns.times.Add(std::get<1>(key));
    columns.actors.Add(std::get<2>(key));
    columns.requests.Add(std::get<3>(key));
  }
  return columns;
}

// `change` is null for what nobody caused.
void Add(const AuditEvent& event, const LogEvent& logged,
         const NamedChange* change, EventColumns& columns) {
  columns.buckets.Add(event.bucket);
  columns.ids.Add(event.event_id);
  event.device_id.empty() ? columns.devices.AddNull()
                          : columns.devices.Add(event.device_id);
  columns.tenants.Add(event.tenant_id);
  columns.kinds.Add(event.kind);
  columns.times.Add(event.at);
  columns.payloads.Add(event.payload);
  change == nullptr ? columns.changes.AddNull()
                    : columns.changes.Add(change->change_id);
  columns.salts.Add(logged.salt);
  columns.who_hashes.Add(logged.who_hash);
}

EventRows RowsWith(absl::Span<const AuditEvent> events,
                   const Changes& changes) {
  EventColumns columns;
  std::vector<LogEvent> logged;
  logged.reserve(events.size());
  for (const AuditEvent& event : events) {
    const auto found = changes.find(KeyOf(event));
    const NamedChange* change =
        found == changes.end() ? nullptr : &found->second;
    logged.push_back(
        LogEventOf(event, change == nullptr ? Who() : change->who));
    Add(event, logged.back(), change, columns);
  }
  return {ColumnsOf(changes), std::move(columns),
          OutboxArrays(OutboxOf(logged))};
}

}  // namespace

EventRows RowsOf(absl::Span<const AuditEvent> events) {
  return RowsWith(events, ChangesOf(events));
}

EventRows NamelessRowsOf(absl::Span<const AuditEvent> events) {
  return RowsWith(events, {});
}

}  // namespace masa::storage
