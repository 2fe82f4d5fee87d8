// The part of the store in memory that keeps transfers and histories.
#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

// Whether `stored` still holds all that `ended` moves or returns.
bool HoldsWhatEnds(const Transfer& stored, const Transfer& ended) {
  return std::all_of(ended.devices.begin(), ended.devices.end(),
                     [&](const TransferDevice& device) {
                       return device.hold == HoldState::kLost ||
                              std::any_of(
                                  stored.devices.begin(), stored.devices.end(),
                                  [&](const TransferDevice& held) {
                                    return held.device_id == device.device_id &&
                                           held.hold == HoldState::kHeld;
                                  });
                     });
}

}  // namespace

void MemoryStore::Record(absl::Span<const Device> before,
                         absl::Span<const Device> after,
                         const MoveTerms& terms) {
  const std::vector<OwnerMove> moves = OwnerMovesOf(before, after);
  Heads heads;
  for (const OwnerMove& move : moves) {
    const auto history = histories_.find(move.device_id);
    if (history != histories_.end()) {
      heads[move.device_id] = history->second.back().entry;
    }
  }
  const HistoryPlan plan = PlanHistory(moves, heads, terms);
  for (const PlannedEntry& entry : plan.entries) {
    histories_[entry.entry.device_id].push_back(entry);
  }
  for (const OwnershipBatch& batch : plan.batches) {
    batches_[batch.batch_id] = batch;
  }
}

absl::StatusOr<std::vector<HistoryRecord>> MemoryStore::ReadHistory(
    const RequestContext& context, const HistoryQuestion& question) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<HistoryRecord> records;
  const auto history = histories_.find(question.device_id);
  if (history == histories_.end()) {
    return records;
  }
  int32_t first = question.first_number;
  for (const PlannedEntry& entry : history->second) {
    if (question.opened_only && !entry.entry.opens_past) {
      first = std::max(first, entry.entry.number);
    }
  }
  for (const PlannedEntry& entry : history->second) {
    if (entry.entry.number < first ||
        static_cast<int>(records.size()) >= question.limit) {
      continue;
    }
    HistoryRecord& record = records.emplace_back();
    record.entry = entry.entry;
    record.leaf_index = entry.leaf_index;
    record.batch = batches_.at(entry.batch_id);
    const auto signature = signatures_.find(entry.batch_id);
    if (signature != signatures_.end()) {
      record.signature = signature->second;
    }
  }
  return records;
}

absl::StatusOr<std::vector<OwnershipBatch>> MemoryStore::ListUnsigned(
    const RequestContext& context, const std::string& tenant_id, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<OwnershipBatch> found;
  for (const auto& [id, batch] : batches_) {
    if (batch.tenant_id == tenant_id && !signatures_.contains(id) &&
        static_cast<int>(found.size()) < limit) {
      found.push_back(batch);
    }
  }
  return found;
}

absl::Status MemoryStore::KeepSignatures(
    const RequestContext& context,
    absl::Span<const BatchSignature> signatures) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  for (const BatchSignature& signature : signatures) {
    if (batches_.contains(signature.batch_id)) {
      signatures_.emplace(signature.batch_id, signature);
    }
  }
  return fate == Fate::kStored ? Unavailable() : absl::OkStatus();
}

bool MemoryStore::ReceiversAreThere(const TransferChange& change) const {
  const auto is_there = [&](const std::string& id) {
    mutex_.AssertReaderHeld();
    const auto tree = trees_.find({change.tenant_id, id});
    return tree != trees_.end() && tree->second.version > 0;
  };
  if (change.transfer && change.transfer->version == 1 &&
      !is_there(change.transfer->to_organization_id)) {
    return false;
  }
  return std::all_of(change.devices.begin(), change.devices.end(),
                     [&](const Device& device) {
                       return device.organization_id.empty() ||
                              is_there(device.organization_id);
                     });
}

bool MemoryStore::GroupIsThere(const TransferChange& change) const {
  if (change.group_id.empty() || change.devices.empty()) {
    return true;
  }
  const auto tree =
      trees_.find({change.tenant_id, change.devices.front().organization_id});
  return tree != trees_.end() && tree->second.groups.contains(change.group_id);
}

absl::Status MemoryStore::ChangeTransfer(const TransferChange& change,
                                         absl::Time at,
                                         std::vector<Device>* before) {
  const auto once =
      change.once ? std::make_tuple(change.once->tenant_id, change.once->actor,
                                    change.once->request_id)
                  : std::tuple<std::string, std::string, std::string>();
  if (change.once && results_.contains(once)) {
    return TransferHasChanged();
  }
  if (change.transfer) {
    const auto stored =
        transfers_.find({change.tenant_id, change.transfer->transfer_id});
    const int64_t version =
        stored == transfers_.end() ? 0 : stored->second.version;
    if (version + 1 != change.transfer->version ||
        (version > 0 && !HoldsWhatEnds(stored->second, *change.transfer))) {
      return TransferHasChanged();
    }
  }
  if (!ReceiversAreThere(change) || !GroupIsThere(change)) {
    return TransferHasChanged();
  }
  for (const Device& device : change.devices) {
    const auto serial = devices_.find({device.tenant_id, device.serial_number});
    if (serial == devices_.end() ||
        !serial->second.contains(device.device_id) ||
        serial->second.at(device.device_id).version + 1 != device.version) {
      return TransferHasChanged();
    }
    before->push_back(serial->second.at(device.device_id));
  }
  Record(*before, change.devices, {change.owner_change, at, change.opens_past});
  if (change.once) {
    results_[once] = {change.once_digest, change.result};
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Change(const RequestContext& context,
                                 const std::string& actor, absl::Time at,
                                 const TransferChange& change) {
  MASA_RETURN_IF_ERROR(CheckTransferChange(change));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  std::vector<Device> before;
  MASA_RETURN_IF_ERROR(ChangeTransfer(change, at, &before));
  if (change.transfer && change.transfer->version == 1) {
    for (auto& [key, transfer] : transfers_) {
      for (TransferDevice& held : transfer.devices) {
        const bool again = std::any_of(
            change.devices.begin(), change.devices.end(),
            [&](const Device& d) { return d.device_id == held.device_id; });
        if (again && held.hold == HoldState::kHeld) {
          held.hold = HoldState::kLost;
        }
      }
    }
  }
  if (change.transfer) {
    transfers_[{change.tenant_id, change.transfer->transfer_id}] =
        *change.transfer;
  }
  Write(change.devices,
        TransferEvents(change, before, actor, at, context.request_id));
  return fate == Fate::kStored ? Unavailable() : absl::OkStatus();
}

absl::StatusOr<int64_t> MemoryStore::CountRefusedClaims(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const RefusedClaims& refused) {
  MASA_RETURN_IF_ERROR(CheckRefusedClaims(refused));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  RefusedClaims& row =
      refused_claims_
          .try_emplace({refused.tenant_id, refused.organization_id},
                       RefusedClaims{"", "", refused.window_start, 0})
          .first->second;
  if (refused.window_start > row.window_start) {
    row = {"", "", refused.window_start, 0};
  }
  if (refused.refused > 0) {
    row.refused += refused.refused;
    Write({}, {RefusedClaimsEvent(refused, actor, at, context.request_id)});
  }
  return fate == Fate::kStored ? absl::StatusOr<int64_t>(Unavailable())
                               : row.refused;
}

absl::StatusOr<Transfer> MemoryStore::FindTransfer(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& transfer_id) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto found = transfers_.find({tenant_id, transfer_id});
  return found == transfers_.end() ? absl::StatusOr<Transfer>(TransferUnknown())
                                   : found->second;
}

std::vector<Transfer> MemoryStore::TransfersWhere(
    int limit, const std::function<bool(const Transfer&)>& is) const {
  std::vector<Transfer> found;
  for (const auto& [key, transfer] : transfers_) {
    if (is(transfer) && static_cast<int>(found.size()) < limit) {
      found.push_back(transfer);
      found.back().devices.clear();
    }
  }
  return found;
}

absl::StatusOr<std::vector<Transfer>> MemoryStore::ListTransfers(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const std::string& after, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return TransfersWhere(limit, [&](const Transfer& transfer) {
    return transfer.tenant_id == tenant_id && transfer.transfer_id > after &&
           (transfer.from_organization_id == organization_id ||
            transfer.to_organization_id == organization_id);
  });
}

absl::StatusOr<std::vector<Transfer>> MemoryStore::ListLapsed(
    const RequestContext& context, absl::Time now, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return TransfersWhere(limit, [&](const Transfer& transfer) {
    return transfer.state == TransferState::kOffered &&
           transfer.expires_at <= now;
  });
}

}  // namespace masa::storage
