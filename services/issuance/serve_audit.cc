#include "services/issuance/serve_audit.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/account_sights.h"
#include "services/issuance/log_tree.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/receipt.h"

namespace masa::issuance {
namespace {

constexpr int kBundle = static_cast<int>(storage::kBundleWidth);
// As much of the log as one page looks through.
constexpr int kMostBundles = 32;

absl::Status NotInLog() {
  return Refuse(
      Reason::kAuditLogUnknown,
      "no such event is under a checkpoint of the audit log; one that "
      "has just happened is in a second or two");
}

// The entry as the caller is told it; nothing: it is not the caller's to see.
std::optional<ListedEvent> Told(const EventSight& sight,
                                storage::LoggedEvent logged) {
  if (!sight.Sees(logged)) {
    return std::nullopt;
  }
  if (logged.event) {
    logged.event = sight.Shown(*std::move(logged.event), logged.owned_since);
  }
  return ListedEvent{std::move(logged.entry), logged.index,
                     std::move(logged.event)};
}

// The same of those that were asked for.
std::optional<ListedEvent> Told(const EventSight& sight,
                                const EventFilter& filter,
                                storage::LoggedEvent logged) {
  if (!filter.organization_id.empty() &&
      filter.organization_id != logged.organization_id) {
    return std::nullopt;
  }
  auto listed = Told(sight, std::move(logged));
  return listed && listed->event && Matches(filter, *listed->event)
             ? listed
             : std::nullopt;
}

// With its commitment, which the log's own entries bring along.
ListedEvent ListedOf(storage::LogEvent event, std::optional<uint64_t> index) {
  ListedEvent listed;
  listed.entry = {event.bucket, event.event_id, storage::CommitmentOf(event)};
  listed.index = index;
  listed.event = std::move(event);
  return listed;
}

// Where a page of one device's events ends: time and id of the last.
std::string PlaceOf(const storage::LogEvent& event) {
  return absl::StrCat(absl::ToUnixMicros(event.at), ".", event.event_id);
}

absl::Status SetPlace(const std::string& after,
                      storage::DeviceEventsQuestion* question) {
  const size_t dot = after.find('.');
  int64_t micros = 0;
  if (dot == std::string::npos || after.size() != dot + 17 ||
      !absl::SimpleAtoi(after.substr(0, dot), &micros)) {
    return Refuse(Reason::kPageTokenInvalid, "there is no such page");
  }
  question->before = absl::FromUnixMicros(micros);
  question->before_id = after.substr(dot + 1);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EventSight> ServeAudit::SightOf(
    const RequestContext& context, const identity::Principal& caller) {
  if (caller.role == identity::Role::kOperator) {
    return EventSight(caller);
  }
  MASA_ASSIGN_OR_RETURN(
      auto trees,
      groups_.ReadTrees(
          context, {caller.tenant_id, storage::TreeQuestion::By::kOrganization,
                    caller.organization_id}));
  return trees.empty() ? EventSight(caller)
                       : EventSight(caller, std::move(trees.front()));
}

absl::StatusOr<EventPage> ServeAudit::List(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const EventFilter& filter,
                                           const std::string& after,
                                           int limit) {
  return !filter.event_id.empty() ? ListById(context, caller, filter)
         : filter.device ? ListOfDevice(context, caller, filter, after, limit)
                         : ListOfLog(context, caller, filter, after, limit);
}

absl::StatusOr<EventPage> ServeAudit::ListById(
    const RequestContext& context, const identity::Principal& caller,
    const EventFilter& filter) {
  EventPage page;
  MASA_ASSIGN_OR_RETURN(
      const auto index,
      log_.FindEvent(context, caller.tenant_id, filter.event_id));
  if (!index) {
    return page;
  }
  MASA_ASSIGN_OR_RETURN(const EventSight sight, SightOf(context, caller));
  MASA_ASSIGN_OR_RETURN(auto entries,
                        log_.ReadEntries(context, caller.tenant_id, *index, 1));
  std::string device_id;
  if (filter.device) {
    MASA_ASSIGN_OR_RETURN(const storage::Device device,
                          devices_.GetDevice(context, caller, *filter.device));
    device_id = device.device_id;
  }
  for (storage::LoggedEvent& one : entries) {
    auto listed = Told(sight, filter, std::move(one));
    if (listed && (!filter.device || listed->event->device_id == device_id)) {
      page.events.push_back(*std::move(listed));
    }
  }
  return page;
}

absl::StatusOr<EventPage> ServeAudit::ListOfDevice(
    const RequestContext& context, const identity::Principal& caller,
    const EventFilter& filter, const std::string& after, int limit) {
  MASA_ASSIGN_OR_RETURN(const storage::Device device,
                        devices_.GetDevice(context, caller, *filter.device));
  storage::DeviceEventsQuestion question{
      caller.tenant_id, device.bucket, device.device_id, {}, "", kBundle};
  if (!after.empty()) {
    MASA_RETURN_IF_ERROR(SetPlace(after, &question));
  }
  MASA_ASSIGN_OR_RETURN(std::vector<storage::LogEvent> events,
                        log_.ListOfDevice(context, question));
  MASA_ASSIGN_OR_RETURN(const absl::Time since,
                        ReadsSince(owned_, context, caller, device));
  const EventSight sight(caller);
  const bool is_owner = filter.organization_id.empty() ||
                        filter.organization_id == device.organization_id;
  EventPage page;
  for (storage::LogEvent& event : events) {
    if (static_cast<int>(page.events.size()) == limit) {
      return page;
    }
    page.next = PlaceOf(event);
    if (!is_owner || !sight.SeesOfDevice(event)) {
      continue;
    }
    event = sight.Shown(std::move(event), since);
    if (!Matches(filter, event)) {
      continue;
    }
    MASA_ASSIGN_OR_RETURN(
        const auto index,
        log_.FindEvent(context, caller.tenant_id, event.event_id));
    page.events.push_back(ListedOf(std::move(event), index));
  }
  if (events.size() < storage::kBundleWidth) {
    page.next.clear();
  }
  return page;
}

absl::StatusOr<uint64_t> ServeAudit::EndOf(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const EventFilter& filter,
                                           const std::string& after) {
  uint64_t end = 0;
  if (!after.empty()) {
    return absl::SimpleAtoi(after, &end)
               ? absl::StatusOr<uint64_t>(end)
               : Refuse(Reason::kPageTokenInvalid, "there is no such page");
  }
  if (filter.until != absl::InfiniteFuture()) {
    return log_.SizeAt(context, caller.tenant_id, filter.until);
  }
  MASA_ASSIGN_OR_RETURN(const storage::LogHead head,
                        log_.ReadHead(context, caller.tenant_id));
  return head.size;
}

absl::StatusOr<EventPage> ServeAudit::ListOfLog(
    const RequestContext& context, const identity::Principal& caller,
    const EventFilter& filter, const std::string& after, int limit) {
  MASA_ASSIGN_OR_RETURN(const EventSight sight, SightOf(context, caller));
  MASA_ASSIGN_OR_RETURN(uint64_t end, EndOf(context, caller, filter, after));
  EventPage page;
  for (int bundles = 0; bundles < kMostBundles && end > 0; ++bundles) {
    const uint64_t first =
        (end - 1) / storage::kBundleWidth * storage::kBundleWidth;
    MASA_ASSIGN_OR_RETURN(auto entries,
                          log_.ReadEntries(context, caller.tenant_id, first,
                                           static_cast<int>(end - first)));
    bool is_before = !entries.empty();
    for (auto at = entries.rbegin(); at != entries.rend(); ++at) {
      if (static_cast<int>(page.events.size()) == limit) {
        page.next = absl::StrCat(at->index + 1);
        return page;
      }
      is_before = is_before && at->event &&
                  at->event->at < filter.from - absl::Hours(1);
      if (auto listed = Told(sight, filter, std::move(*at))) {
        page.events.push_back(*std::move(listed));
      }
    }
    end = is_before ? 0 : first;
  }
  page.next = end == 0 ? "" : absl::StrCat(end);
  return page;
}

absl::StatusOr<EventRun> ServeAudit::Read(const RequestContext& context,
                                          const identity::Principal& caller,
                                          uint64_t from) {
  MASA_ASSIGN_OR_RETURN(const EventSight sight, SightOf(context, caller));
  // Up to the end of a bundle, so that the next ones are whole.
  MASA_ASSIGN_OR_RETURN(
      auto entries,
      log_.ReadEntries(context, caller.tenant_id, from,
                       kBundle - static_cast<int>(from % kBundle)));
  EventRun run;
  run.next = from + entries.size();
  run.is_end = entries.empty();
  for (storage::LoggedEvent& logged : entries) {
    if (auto listed = Told(sight, std::move(logged))) {
      run.events.push_back(*std::move(listed));
    }
  }
  return run;
}

absl::StatusOr<storage::LogCheckpoint> ServeAudit::GetCheckpoint(
    const RequestContext& context, const identity::Principal& caller,
    uint64_t size) {
  std::optional<storage::LogCheckpoint> found;
  if (size > 0) {
    MASA_ASSIGN_OR_RETURN(found,
                          log_.CheckpointFrom(context, caller.tenant_id, size));
  } else {
    MASA_ASSIGN_OR_RETURN(
        auto newest,
        log_.ListCheckpoints(context, caller.tenant_id,
                             std::numeric_limits<uint64_t>::max(), 1));
    if (!newest.empty()) {
      found = std::move(newest.front());
    }
  }
  return found ? absl::StatusOr<storage::LogCheckpoint>(*std::move(found))
               : Refuse(Reason::kAuditLogUnknown,
                        "the audit log has no such checkpoint yet");
}

absl::StatusOr<std::vector<storage::LogCheckpoint>> ServeAudit::ListCheckpoints(
    const RequestContext& context, const identity::Principal& caller,
    uint64_t before, int limit) {
  return log_.ListCheckpoints(context, caller.tenant_id, before, limit);
}

absl::StatusOr<InclusionReceipt> ServeAudit::ProveEvent(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& event_id) {
  MASA_ASSIGN_OR_RETURN(const auto index,
                        log_.FindEvent(context, caller.tenant_id, event_id));
  return Prove(context, caller, index);
}

absl::StatusOr<InclusionReceipt> ServeAudit::ProveVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& voucher_id) {
  MASA_ASSIGN_OR_RETURN(
      const auto index,
      log_.FindVoucher(context, caller.tenant_id, voucher_id));
  return Prove(context, caller, index);
}

absl::StatusOr<InclusionReceipt> ServeAudit::Prove(
    const RequestContext& context, const identity::Principal& caller,
    std::optional<uint64_t> index) {
  if (!index) {
    return NotInLog();
  }
  MASA_ASSIGN_OR_RETURN(const EventSight sight, SightOf(context, caller));
  MASA_ASSIGN_OR_RETURN(const auto entries,
                        log_.ReadEntries(context, caller.tenant_id, *index, 1));
  MASA_ASSIGN_OR_RETURN(const storage::LogCheckpoint checkpoint,
                        GetCheckpoint(context, caller, 0));
  if (entries.empty() || !entries.front().event ||
      !sight.Sees(entries.front()) || checkpoint.size <= *index) {
    return NotInLog();
  }
  MASA_ASSIGN_OR_RETURN(
      const merkle::ReadTile read,
      FetchTiles(context, log_, caller.tenant_id,
                 merkle::TilesOfInclusion(*index, checkpoint.size)));
  auto proof = merkle::InclusionFromTiles(*index, checkpoint.size, read);
  if (!proof) {
    return Refuse(Reason::kMisconfigured,
                  "the database lacks tiles of the audit log");
  }
  const storage::LogEvent& event = *entries.front().event;
  return InclusionReceipt{
      transparency::EncodeReceipt({event.salt, storage::CanonicalEvent(event),
                                   *index, *std::move(proof), checkpoint.note}),
      *index, checkpoint.size};
}

absl::StatusOr<ConsistencyProof> ServeAudit::ProveConsistency(
    const RequestContext& context, const identity::Principal& caller,
    uint64_t from, uint64_t to) {
  MASA_ASSIGN_OR_RETURN(const storage::LogHead head,
                        log_.ReadHead(context, caller.tenant_id));
  if (to == 0) {
    MASA_ASSIGN_OR_RETURN(const storage::LogCheckpoint newest,
                          GetCheckpoint(context, caller, 0));
    to = newest.size;
  }
  if (from == 0 || from > to || to > head.size) {
    return Refuse(
        Reason::kInvalidArgument,
        absl::StrCat("the sizes are not 1 <= from <= to <= ", head.size));
  }
  MASA_ASSIGN_OR_RETURN(const merkle::ReadTile read,
                        FetchTiles(context, log_, caller.tenant_id,
                                   merkle::TilesOfConsistency(from, to)));
  auto proof = merkle::ConsistencyFromTiles(from, to, read);
  if (!proof) {
    return Refuse(Reason::kMisconfigured,
                  "the database lacks tiles of the audit log");
  }
  return ConsistencyProof{*std::move(proof), from, to};
}

}  // namespace masa::issuance
