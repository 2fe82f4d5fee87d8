#include "storage/memory/memory_audit_log.h"

#include <algorithm>

#include "services/status/reason.h"
#include "storage/log_places.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

absl::Status NotOurs() {
  return Refuse(Reason::kStoreConflict,
                "another sequencer has gone on with the audit log");
}

}  // namespace

void MemoryAuditLog::Add(absl::Span<const LogEvent> events) {
  absl::MutexLock lock(&mutex_);
  for (const LogEvent& event : events) {
    events_[event.event_id] = event;
  }
  for (OutboxRow& row : OutboxOf(events)) {
    outbox_[{row.outbox_id, row.bucket}] = std::move(row);
  }
}

void MemoryAuditLog::FailOnce(int after, bool stored) {
  absl::MutexLock lock(&mutex_);
  calls_until_failure_ = after;
  stored_ = stored;
}

void MemoryAuditLog::Forge(const std::string& tenant_id, const LogHead& head,
                           absl::Span<const LogTile> tiles) {
  absl::MutexLock lock(&mutex_);
  Log& log = logs_[tenant_id];
  log.head = head;
  for (const LogTile& tile : tiles) {
    log.tiles[{tile.key.level, tile.key.number}] = tile.hashes;
  }
}

void MemoryAuditLog::Tamper(const std::string& event_id,
                            const std::function<void(LogEvent&)>& change) {
  absl::MutexLock lock(&mutex_);
  change(events_[event_id]);
}

bool MemoryAuditLog::FailsBefore() {
  failing_ = calls_until_failure_ == 0;
  calls_until_failure_ -= calls_until_failure_ >= 0 ? 1 : 0;
  return failing_ && !stored_;
}

bool MemoryAuditLog::FailsAfter() const { return failing_; }

bool MemoryAuditLog::IsWaiting(const std::string& tenant_id,
                               const OutboxRow& row) const {
  const auto found = outbox_.find({row.outbox_id, row.bucket});
  return found != outbox_.end() && found->second.tenant_id == tenant_id;
}

std::optional<uint64_t> MemoryAuditLog::IndexWhere(
    const std::string& tenant_id,
    const std::function<bool(const LogEvent&)>& is) {
  const std::vector<LogEntry>& entries = logs_[tenant_id].entries;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto event = events_.find(entries[i].event_id);
    if (event != events_.end() && is(event->second)) {
      return i;
    }
  }
  return std::nullopt;
}

absl::StatusOr<LogHead> MemoryAuditLog::ReadHead(const RequestContext& context,
                                                 const std::string& tenant_id) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const auto log = logs_.find(tenant_id);
  return log == logs_.end() ? LogHead() : log->second.head;
}

absl::StatusOr<std::vector<LogTile>> MemoryAuditLog::ReadTiles(
    const RequestContext& context, const std::string& tenant_id,
    absl::Span<const LogTileKey> keys) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const auto& tiles = logs_[tenant_id].tiles;
  std::vector<LogTile> found;
  for (const LogTileKey& key : keys) {
    const auto tile = tiles.find({key.level, key.number});
    if (tile != tiles.end()) {
      found.push_back({key, tile->second});
    }
  }
  return found;
}

absl::StatusOr<std::vector<LoggedEvent>> MemoryAuditLog::ReadEntries(
    const RequestContext& context, const std::string& tenant_id, uint64_t first,
    int limit) {
  std::vector<LoggedEvent> logged;
  {
    absl::MutexLock lock(&mutex_);
    if (FailsBefore() || FailsAfter()) {
      return Unavailable();
    }
    const std::vector<LogEntry>& entries = logs_[tenant_id].entries;
    for (uint64_t i = first;
         i < entries.size() &&
         i < first + static_cast<uint64_t>(std::max(limit, 0));
         ++i) {
      LoggedEvent& one = logged.emplace_back();
      one.index = i;
      one.entry = entries[i];
      const auto event = events_.find(entries[i].event_id);
      if (event != events_.end()) {
        one.event = event->second;
      }
    }
  }
  // Outside the lock, under which a store that writes may wait for this one.
  for (LoggedEvent& one : logged) {
    if (one.event && !one.event->device_id.empty()) {
      Owner owner = owner_of_(tenant_id, one.event->device_id);
      one.organization_id = std::move(owner.organization_id);
      one.group_id = std::move(owner.group_id);
      one.owned_since = owner.since;
    }
  }
  return logged;
}

absl::StatusOr<std::vector<LogEntry>> MemoryAuditLog::ReadBareEntries(
    const RequestContext& context, const std::string& tenant_id, uint64_t first,
    int limit) {
  auto logged = ReadEntries(context, tenant_id, first, limit);
  if (!logged.ok()) {
    return logged.status();
  }
  std::vector<LogEntry> entries;
  for (const LoggedEvent& one : *logged) {
    entries.push_back(one.entry);
  }
  return entries;
}

absl::StatusOr<std::optional<uint64_t>> MemoryAuditLog::FindEvent(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& event_id) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  return IndexWhere(tenant_id, [&event_id](const LogEvent& event) {
    return event.event_id == event_id;
  });
}

absl::StatusOr<std::optional<uint64_t>> MemoryAuditLog::FindVoucher(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& voucher_id) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  return IndexWhere(tenant_id, [&voucher_id](const LogEvent& event) {
    return event.voucher_id == voucher_id;
  });
}

absl::StatusOr<uint64_t> MemoryAuditLog::SizeAt(const RequestContext& context,
                                                const std::string& tenant_id,
                                                absl::Time at) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const Log& log = logs_[tenant_id];
  const int64_t last = SliceOfTime(at + kLatest);
  // Of the first slice behind it, the first bundle.
  std::optional<std::pair<int64_t, uint64_t>> first;
  for (uint64_t i = 0; i < log.entries.size(); ++i) {
    const std::pair place(SliceOf(log.entries[i].event_id), i / kBundleWidth);
    if (place.first > last && (!first || place < *first)) {
      first = place;
    }
  }
  return first ? std::min(log.head.size, (first->second + 1) * kBundleWidth)
               : log.head.size;
}

absl::StatusOr<std::vector<LogEvent>> MemoryAuditLog::ListOfDevice(
    const RequestContext& context, const DeviceEventsQuestion& question) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  std::vector<LogEvent> found;
  const auto key = [](const LogEvent& event) {
    return std::pair(event.at, event.event_id);
  };
  for (const auto& [id, event] : events_) {
    if (event.tenant_id == question.tenant_id &&
        event.device_id == question.device_id &&
        (question.before_id.empty() ||
         key(event) < std::pair(question.before, question.before_id))) {
      found.push_back(event);
    }
  }
  std::sort(
      found.begin(), found.end(),
      [&key](const LogEvent& a, const LogEvent& b) { return key(b) < key(a); });
  found.resize(std::min<size_t>(found.size(), std::max(question.limit, 0)));
  return found;
}

absl::StatusOr<std::optional<LogCheckpoint>> MemoryAuditLog::CheckpointFrom(
    const RequestContext& context, const std::string& tenant_id,
    uint64_t size) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const auto& checkpoints = logs_[tenant_id].checkpoints;
  const auto found = checkpoints.lower_bound(size);
  return found == checkpoints.end() ? std::nullopt
                                    : std::optional(found->second);
}

absl::StatusOr<std::vector<LogCheckpoint>> MemoryAuditLog::ListCheckpoints(
    const RequestContext& context, const std::string& tenant_id,
    uint64_t before, int limit) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const auto& checkpoints = logs_[tenant_id].checkpoints;
  std::vector<LogCheckpoint> found;
  for (auto at = checkpoints.lower_bound(before);
       at != checkpoints.begin() && static_cast<int>(found.size()) < limit;) {
    found.push_back((--at)->second);
  }
  return found;
}

absl::StatusOr<std::optional<int64_t>> MemoryAuditLog::TakeLease(
    const RequestContext& context, const std::string& holder, absl::Time now,
    absl::Time until) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore()) {
    return Unavailable();
  }
  const bool is_over = lease_.until < now;
  if (lease_.holder != holder && !is_over) {
    return std::optional<int64_t>();
  }
  lease_ = {holder, lease_.epoch + (is_over || lease_.holder != holder ? 1 : 0),
            until};
  return FailsAfter() ? absl::StatusOr<std::optional<int64_t>>(Unavailable())
                      : std::optional<int64_t>(lease_.epoch);
}

absl::StatusOr<std::vector<OutboxRow>> MemoryAuditLog::ReadOutbox(
    const RequestContext& context, absl::Span<const std::string> but,
    int limit) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  std::vector<OutboxRow> rows;
  for (const auto& [key, row] : outbox_) {
    if (static_cast<int>(rows.size()) < limit &&
        std::find(but.begin(), but.end(), row.tenant_id) == but.end()) {
      rows.push_back(row);
    }
  }
  return rows;
}

absl::StatusOr<int64_t> MemoryAuditLog::CountWaiting(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  int64_t count = 0;
  for (const auto& [key, row] : outbox_) {
    count += static_cast<int64_t>(row.entries.size());
  }
  return count;
}

absl::Status MemoryAuditLog::Append(const RequestContext& context,
                                    const LogAppend& append) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore()) {
    return Unavailable();
  }
  Log& log = logs_[append.tenant_id];
  if (append.epoch != lease_.epoch || append.from != log.head.size ||
      !std::all_of(append.rows.begin(), append.rows.end(),
                   [&](const OutboxRow& row) ABSL_SHARED_LOCKS_REQUIRED(
                       mutex_) { return IsWaiting(append.tenant_id, row); })) {
    return NotOurs();
  }
  for (const OutboxRow& row : append.rows) {
    outbox_.erase({row.outbox_id, row.bucket});
  }
  for (const LogEntry& entry : EntriesOfRows(append.rows)) {
    log.entries.push_back(entry);
  }
  for (const LogTile& tile : append.tiles) {
    log.tiles[{tile.key.level, tile.key.number}] = tile.hashes;
  }
  log.head = append.after;
  return FailsAfter() ? Unavailable() : absl::OkStatus();
}

absl::Status MemoryAuditLog::WriteEvent(const RequestContext& context,
                                        const AuditEvent& event) {
  {
    absl::MutexLock lock(&mutex_);
    if (FailsBefore() || FailsAfter()) {
      return Unavailable();
    }
  }
  Add({LogEventOf(event, event.actor.empty()
                             ? Who()
                             : Who{event.actor, event.request_id, NewSalt()})});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryAuditLog::ListLogs(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  std::vector<std::string> tenants;
  for (const auto& [tenant_id, log] : logs_) {
    if (log.head.size > 0) {
      tenants.push_back(tenant_id);
    }
  }
  return tenants;
}

absl::Status MemoryAuditLog::KeepCheckpoint(const RequestContext& context,
                                            const LogCheckpoint& checkpoint) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore()) {
    return Unavailable();
  }
  logs_[checkpoint.tenant_id].checkpoints.emplace(checkpoint.size, checkpoint);
  return FailsAfter() ? Unavailable() : absl::OkStatus();
}

}  // namespace masa::storage
