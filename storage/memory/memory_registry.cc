// The registry and its imports in memory.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/import_rules.h"
#include "storage/memory/memory_store.h"
#include "storage/record_checks.h"
#include "storage/registry_rules.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

absl::StatusOr<DevicePage> MemoryStore::List(const RequestContext& context,
                                             const std::string& tenant_id,
                                             const DeviceFilter& filter,
                                             const DevicePlace& after,
                                             int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  DevicePage page;
  page.devices = DevicesWhere(
      tenant_id, after, limit,
      [&filter](const Device& device) { return Passes(filter, device); });
  if (static_cast<int>(page.devices.size()) == limit) {
    page.next = {page.devices.back().bucket, page.devices.back().device_id};
  }
  return page;
}

absl::StatusOr<DeviceCount> MemoryStore::Count(const RequestContext& context,
                                               const std::string& tenant_id,
                                               const DeviceFilter& filter,
                                               const DevicePlace& after) {
  constexpr int kScanned = 20000;
  MASA_ASSIGN_OR_RETURN(const DevicePage page,
                        List(context, tenant_id, filter, after, kScanned));
  return DeviceCount{static_cast<int64_t>(page.devices.size()), page.next};
}

absl::StatusOr<Device> MemoryStore::CarryEdit(
    const DeviceKey& key, const std::optional<OnceOrder>& once,
    bool validate_only, absl::Time at,
    const std::function<absl::StatusOr<EditPlan>(const StoredFacts&)>& plan) {
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  StoredFacts facts = Facts();
  std::erase_if(facts.devices, [&key](const Device& device) {
    return device.tenant_id != key.tenant_id ||
           device.serial_number != key.serial_number;
  });
  if (once) {
    const auto known = results_.find(
        {once->key.tenant_id, once->key.actor, once->key.request_id});
    if (known != results_.end()) {
      return Replay(known->second, *once, facts.devices);
    }
  }
  MASA_ASSIGN_OR_RETURN(EditPlan planned, plan(facts));
  if (validate_only) {
    return std::move(planned.device);
  }
  if (planned.event) {
    Write({planned.device}, {*planned.event});
    Record(facts.devices, {planned.device}, {OwnerChange::kImported, at});
  }
  if (once) {
    results_[{once->key.tenant_id, once->key.actor, once->key.request_id}] = {
        once->digest, ReplayMark(planned.device)};
  }
  return fate == Fate::kStored
             ? absl::StatusOr<Device>(Unavailable())
             : absl::StatusOr<Device>(std::move(planned.device));
}

absl::StatusOr<Device> MemoryStore::Create(const RequestContext& context,
                                           const std::string& actor,
                                           absl::Time at,
                                           const DeviceCreation& creation) {
  const Device& device = creation.device;
  MASA_RETURN_IF_ERROR(CheckDevice(device));
  absl::MutexLock lock(&mutex_);
  return CarryEdit(
      {device.tenant_id, device.serial_number, {}}, creation.once,
      creation.validate_only, at, [&](const StoredFacts& facts) {
        return PlanCreation(creation, facts, {actor, at, context.request_id});
      });
}

absl::StatusOr<std::vector<Device>> MemoryStore::CreateAll(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const BatchCreation& creation) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const StoredFacts facts = Facts();
  if (creation.once) {
    const OnceKey& key = creation.once->key;
    const auto known =
        results_.find({key.tenant_id, key.actor, key.request_id});
    if (known != results_.end()) {
      return ReplayAll(known->second, creation, facts.devices);
    }
  }
  MASA_ASSIGN_OR_RETURN(
      const BatchPlan plan,
      PlanCreations(creation, facts, {actor, at, context.request_id}));
  if (creation.validate_only) {
    return plan.devices;
  }
  Write(plan.devices, plan.events);
  Record(facts.devices, plan.devices, {OwnerChange::kImported, at});
  Remember(creation.once);
  return fate == Fate::kStored
             ? absl::StatusOr<std::vector<Device>>(Unavailable())
             : plan.devices;
}

absl::StatusOr<Device> MemoryStore::Edit(const RequestContext& context,
                                         const std::string& actor,
                                         absl::Time at,
                                         const DeviceEdit& edit) {
  absl::MutexLock lock(&mutex_);
  return CarryEdit(
      edit.device, edit.once, edit.validate_only, at,
      [&](const StoredFacts& facts) {
        return PlanEdit(edit, facts, {actor, at, context.request_id});
      });
}

absl::StatusOr<ImportProgress> MemoryStore::BeginImport(
    const RequestContext& context, const ImportKey& key, OnConflict on_conflict,
    absl::Time at) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  ImportProgress fresh;
  fresh.import_id = key.import_id;
  fresh.on_conflict = on_conflict;
  const ImportProgress& progress =
      imports_.try_emplace({key.tenant_id, key.import_id}, fresh).first->second;
  MASA_RETURN_IF_ERROR(CheckSameImport(progress, on_conflict));
  return fate == Fate::kStored ? absl::StatusOr<ImportProgress>(Unavailable())
                               : progress;
}

absl::StatusOr<ImportProgress> MemoryStore::GetImport(
    const RequestContext& context, const ImportKey& key) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto found = imports_.find({key.tenant_id, key.import_id});
  return found == imports_.end()
             ? absl::StatusOr<ImportProgress>(ImportUnknown())
             : found->second;
}

absl::StatusOr<CommittedChunk> MemoryStore::CommitChunk(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const ImportChunk& chunk) {
  MASA_RETURN_IF_ERROR(CheckImportKey(chunk.key));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const auto found = imports_.find({chunk.key.tenant_id, chunk.key.import_id});
  if (found == imports_.end()) {
    return ImportUnknown();
  }
  const ImportProgress before = found->second;
  MASA_RETURN_IF_ERROR(CheckNext(before, chunk.sequence));
  const StoredFacts facts = Facts();
  ImportPlan plan = PlanRecords(chunk.devices, facts, before.on_conflict);
  found->second = Advance(before, chunk, plan.outcomes);
  Write(plan.writes, {ChunkEvent(chunk, before, found->second,
                                 {actor, at, context.request_id})});
  Record(facts.devices, plan.writes, {OwnerChange::kImported, at});
  if (fate == Fate::kStored) {
    return Unavailable();
  }
  return CommittedChunk{found->second, std::move(plan.outcomes),
                        std::move(plan.writes)};
}

absl::StatusOr<ImportProgress> MemoryStore::CompleteImport(
    const RequestContext& context, const ImportKey& key, int64_t last_sequence,
    absl::Time at) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const auto found = imports_.find({key.tenant_id, key.import_id});
  if (found == imports_.end()) {
    return ImportUnknown();
  }
  MASA_RETURN_IF_ERROR(CheckEnd(found->second, last_sequence));
  found->second.complete = true;
  return fate == Fate::kStored ? absl::StatusOr<ImportProgress>(Unavailable())
                               : found->second;
}

Device* MemoryStore::DeviceById(const std::string& tenant_id,
                                const std::string& device_id) {
  for (auto& [serial, devices] : devices_) {
    const auto found = devices.find(device_id);
    if (serial.first == tenant_id && found != devices.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

bool MemoryStore::HasChanged(const IssuedVoucher& voucher) {
  const Device* device = DeviceById(voucher.tenant_id, voucher.device_id);
  return device == nullptr ? voucher.is_alone
                           : voucher.device_version > 0 &&
                                 device->version != voucher.device_version;
}

MemoryAuditLog::Owner MemoryStore::OwnerOf(const std::string& tenant_id,
                                           const std::string& device_id) const {
  absl::MutexLock lock(&mutex_);
  const auto history = histories_.find(device_id);
  const absl::Time since = history == histories_.end()
                               ? absl::InfinitePast()
                               : history->second.back().entry.at;
  for (const auto& [serial, devices] : devices_) {
    const auto found = devices.find(device_id);
    if (serial.first == tenant_id && found != devices.end()) {
      return {found->second.organization_id, found->second.group_id, since};
    }
  }
  return {};
}

absl::StatusOr<std::vector<std::string>> MemoryStore::ProductsOf(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& serial_number) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::set<std::string> products;
  if (const auto found = devices_.find({tenant_id, serial_number});
      found != devices_.end()) {
    for (const auto& [id, device] : found->second) {
      if (!device.deleted_at) {
        products.insert(device.product_id);
      }
    }
  }
  return std::vector<std::string>(products.begin(), products.end());
}

}  // namespace masa::storage
