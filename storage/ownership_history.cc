#include "storage/ownership_history.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/device_changes.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;
constexpr size_t kLongestName = 256;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && IsStorableText(name);
}

// A fresh id whose last 10 bits are the shard.
std::string NewBatchId(absl::Time at, int16_t bucket) {
  std::string id = NewEventId(at);
  id[14] = static_cast<char>((id[14] & 0xfc) | (bucket >> 8));
  id[15] = static_cast<char>(bucket & 0xff);
  return id;
}

OwnershipBatch& BatchFor(const OwnerMove& move, absl::Time at,
                         std::vector<OwnershipBatch>& batches) {
  const auto found = std::find_if(
      batches.begin(), batches.end(),
      [&](const auto& batch) { return batch.tenant_id == move.tenant_id; });
  return found != batches.end()
             ? *found
             : batches.emplace_back(OwnershipBatch{
                   move.tenant_id, NewBatchId(at, move.bucket), {}});
}

bool IsTransfer(const Transfer& transfer) {
  return transfer.transfer_id.size() == kIdOctets &&
         IsName(transfer.from_organization_id) &&
         IsName(transfer.to_organization_id) &&
         IsStorableTime(transfer.offered_at) &&
         IsStorableTime(transfer.expires_at) &&
         (!transfer.ended_at || IsStorableTime(*transfer.ended_at)) &&
         std::all_of(transfer.devices.begin(), transfer.devices.end(),
                     [](const TransferDevice& device) {
                       return device.device_id.size() == kIdOctets &&
                              IsStorableText(device.serial_number);
                     });
}

}  // namespace

std::vector<OwnerMove> OwnerMovesOf(absl::Span<const Device> before,
                                    absl::Span<const Device> after) {
  std::map<std::string, const Device*> stored;
  for (const Device& device : before) {
    stored[device.device_id] = &device;
  }
  std::vector<OwnerMove> moves;
  for (const Device& device : after) {
    const auto found = stored.find(device.device_id);
    const bool is_new = found == stored.end();
    const std::string from = is_new ? "" : found->second->organization_id;
    if (from != device.organization_id) {
      moves.push_back({device.tenant_id, device.bucket, device.device_id, from,
                       device.organization_id, is_new});
    }
  }
  return moves;
}

HistoryPlan PlanHistory(absl::Span<const OwnerMove> moves, const Heads& heads,
                        const MoveTerms& terms) {
  HistoryPlan plan;
  for (const OwnerMove& move : moves) {
    OwnershipEntry entry;
    entry.device_id = move.device_id;
    const auto head = heads.find(move.device_id);
    entry.number = head == heads.end() ? 0 : head->second.number + 1;
    entry.prev_hash = head == heads.end() ? NoHash() : EntryHash(head->second);
    entry.kind = terms.kind;
    entry.from_organization_id = move.from;
    entry.to_organization_id = move.to;
    // As the store keeps it, so that what is read back has the same hash.
    entry.at = absl::FromUnixMicros(absl::ToUnixMicros(terms.at));
    entry.opens_past = terms.opens_past;
    OwnershipBatch& batch = BatchFor(move, terms.at, plan.batches);
    const auto index = static_cast<int32_t>(batch.leaves.size());
    batch.leaves.push_back(EntryHash(entry));
    plan.entries.push_back(
        {move.bucket, batch.batch_id, index, std::move(entry)});
  }
  return plan;
}

int16_t BatchBucketOf(const std::string& batch_id) {
  const auto high = static_cast<uint8_t>(batch_id.at(14));
  const auto low = static_cast<uint8_t>(batch_id.at(15));
  return static_cast<int16_t>(((high & 3) << 8) | low);
}

absl::Status CheckTransferChange(const TransferChange& change) {
  if (!IsName(change.tenant_id) || !IsStorableText(change.group_id) ||
      (change.transfer && !IsTransfer(*change.transfer))) {
    return Refuse(Reason::kInvalidArgument,
                  "an id of the transfer is empty, too long (256 octets) or "
                  "not UTF-8, or a time is no time");
  }
  if (change.once &&
      (!IsName(change.once->request_id) || !IsName(change.once->actor))) {
    return Refuse(Reason::kInvalidArgument,
                  "request_id is not UTF-8, or longer than 256 octets");
  }
  for (const Device& device : change.devices) {
    MASA_RETURN_IF_ERROR(CheckDevice(device));
  }
  return absl::OkStatus();
}

std::vector<AuditEvent> TransferEvents(const TransferChange& change,
                                       absl::Span<const Device> before,
                                       const std::string& actor, absl::Time at,
                                       const std::string& request_id) {
  std::vector<AuditEvent> events;
  const DevicesById stored = IndexById(before);
  for (const Device& device : change.devices) {
    events.push_back(DeviceEvent(change.device_kind,
                                 FindById(stored, device.device_id), device,
                                 actor, at, request_id));
  }
  if (!change.transfer) {
    return events;
  }
  const Transfer& transfer = *change.transfer;
  google::protobuf::Struct fields;
  auto& values = *fields.mutable_fields();
  values["transfer_id"].set_string_value(
      absl::BytesToHexString(transfer.transfer_id));
  values["from_organization_id"].set_string_value(
      transfer.from_organization_id);
  values["to_organization_id"].set_string_value(transfer.to_organization_id);
  values["devices"].set_number_value(
      static_cast<double>(change.devices.size()));
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.tenant_id = change.tenant_id;
  event.kind = change.transfer_kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  // Cannot fail: the fields are numbers and texts that were checked.
  (void)google::protobuf::util::MessageToJsonString(fields, &event.payload);
  events.push_back(std::move(event));
  return events;
}

absl::Status CheckRefusedClaims(const RefusedClaims& refused) {
  return IsName(refused.tenant_id) && IsName(refused.organization_id)
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "an id is empty, too long (256 octets) or not UTF-8");
}

AuditEvent RefusedClaimsEvent(const RefusedClaims& refused,
                              const std::string& actor, absl::Time at,
                              const std::string& request_id) {
  google::protobuf::Struct fields;
  auto& values = *fields.mutable_fields();
  values["organization_id"].set_string_value(refused.organization_id);
  values["refused"].set_number_value(static_cast<double>(refused.refused));
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.tenant_id = refused.tenant_id;
  event.kind = kClaimsRefused;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  // Cannot fail: a number and a text that was checked.
  (void)google::protobuf::util::MessageToJsonString(fields, &event.payload);
  return event;
}

absl::Status TransferUnknown() {
  return Refuse(Reason::kTransferUnknown,
                "there is no such transfer, or this account administers "
                "neither of its organisations");
}

absl::Status TransferHasChanged() {
  return Refuse(Reason::kStoreConflict,
                "the transfer or one of its devices was changed meanwhile; try "
                "again");
}

}  // namespace masa::storage
