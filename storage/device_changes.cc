#include "storage/device_changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

using Serial = std::pair<std::string, std::string>;  // (tenant, serial)

// What stands after the items so far, and what of it must be written.
struct Ledger {
  std::map<Serial, std::vector<Device>> by_serial;
  std::map<std::string, Device> writes;  // by device id
};

Ledger Open(const StoredFacts& facts) {
  Ledger ledger;
  for (const Device& device : facts.devices) {
    ledger.by_serial[{device.tenant_id, device.serial_number}].push_back(
        device);
  }
  return ledger;
}

bool Conflicts(const Device& a, const Device& b) {
  return !a.idevid_issuer.has_value() || !b.idevid_issuer.has_value() ||
         *a.idevid_issuer == *b.idevid_issuer;
}

absl::Status CheckItem(const Device& device, const StoredFacts& facts) {
  MASA_RETURN_IF_ERROR(CheckDevice(device));
  if (!facts.products.contains({device.tenant_id, device.product_id})) {
    return Refuse(Reason::kProductUnknown,
                  absl::StrCat("no product ", device.product_id));
  }
  if (!device.organization_id.empty() &&
      !facts.organizations.contains(
          {device.tenant_id, device.organization_id})) {
    return Refuse(Reason::kOrganizationUnknown,
                  absl::StrCat("no organization ", device.organization_id));
  }
  return absl::OkStatus();
}

Device Updated(const Device& stored, Device item) {
  if (item.organization_id.empty()) {
    item.organization_id = stored.organization_id;
  }
  // Its place is the owner's to say.
  item.group_id = item.organization_id == stored.organization_id
                      ? stored.group_id
                      : std::string();
  // A line that was exported before the block must not lift it.
  if (item.state == DeviceState::kManufactured ||
      stored.state == DeviceState::kBlocked ||
      stored.state == DeviceState::kScrapped) {
    item.state = stored.state;
  }
  item.version = stored.version + 1;
  return item;
}

// The device of the ledger that stands in the item's way, or null. The same
// device is preferred to one that is only alike.
Device* FindConflict(std::vector<Device>& stored, const Device& item) {
  Device* alike = nullptr;
  for (Device& device : stored) {
    if (device.idevid_issuer == item.idevid_issuer) {
      return &device;
    }
    if (Conflicts(device, item)) {
      alike = &device;
    }
  }
  return alike;
}

absl::StatusOr<ImportOutcome> ImportOne(Device item, const StoredFacts& facts,
                                        OnConflict on_conflict,
                                        Ledger& ledger) {
  MASA_RETURN_IF_ERROR(CheckItem(item, facts));
  item.bucket = BucketOf(item.tenant_id, item.serial_number);
  item.device_id =
      DeviceIdOf(item.tenant_id, item.serial_number, item.idevid_issuer);
  item.version = 1;
  item.group_id.clear();
  item.deleted_at.reset();
  auto& stored = ledger.by_serial[{item.tenant_id, item.serial_number}];
  Device* conflict = FindConflict(stored, item);
  if (conflict == nullptr) {
    stored.push_back(item);
    ledger.writes[item.device_id] = item;
    return ImportOutcome::kCreated;
  }
  if (on_conflict == OnConflict::kSkip) {
    return ImportOutcome::kSkipped;
  }
  if (conflict->deleted_at) {
    return Refuse(Reason::kDeviceExists,
                  absl::StrCat("device ", item.serial_number,
                               " exists and is deleted; bring it back first"));
  }
  if (on_conflict == OnConflict::kFail ||
      conflict->idevid_issuer != item.idevid_issuer) {
    return Refuse(Reason::kDeviceExists,
                  absl::StrCat("device ", item.serial_number, " exists"));
  }
  MASA_RETURN_IF_ERROR(CheckNotInTransfer(*conflict));
  *conflict = Updated(*conflict, std::move(item));
  ledger.writes[conflict->device_id] = *conflict;
  return ImportOutcome::kUpdated;
}

}  // namespace

DevicesById IndexById(absl::Span<const Device> devices) {
  DevicesById by_id;
  for (const Device& device : devices) {
    by_id[device.device_id] = &device;
  }
  return by_id;
}

const Device* FindById(const DevicesById& devices,
                       const std::string& device_id) {
  const auto found = devices.find(device_id);
  return found == devices.end() ? nullptr : found->second;
}

absl::Status CheckNotInTransfer(const Device& device) {
  return device.state != DeviceState::kInTransfer
             ? absl::OkStatus()
             : Refuse(Reason::kDeviceInTransfer,
                      "the device is offered to another organisation; the "
                      "offer must be answered or cancelled first");
}

ImportPlan PlanRecords(absl::Span<const Device> devices,
                       const StoredFacts& facts, OnConflict on_conflict) {
  ImportPlan plan;
  Ledger ledger = Open(facts);
  for (const Device& device : devices) {
    plan.outcomes.push_back(ImportOne(device, facts, on_conflict, ledger));
  }
  for (auto& [id, device] : ledger.writes) {
    plan.writes.push_back(std::move(device));
  }
  std::sort(plan.writes.begin(), plan.writes.end(),
            [](const Device& a, const Device& b) {
              return std::tie(a.bucket, a.device_id) <
                     std::tie(b.bucket, b.device_id);
            });
  return plan;
}

ImportPlan PlanImport(absl::Span<const Device> devices,
                      const StoredFacts& facts, OnConflict on_conflict,
                      const Change& change) {
  ImportPlan plan = PlanRecords(devices, facts, on_conflict);
  const DevicesById before = IndexById(facts.devices);
  for (const Device& device : plan.writes) {
    const char* kind = device.version == 1 ? kDeviceImported : kDeviceUpdated;
    plan.events.push_back(DeviceEvent(kind, FindById(before, device.device_id),
                                      device, change.actor, change.at,
                                      change.request_id));
  }
  return plan;
}

absl::StatusOr<Device> Choose(const DeviceKey& key,
                              absl::Span<const Device> candidates,
                              bool is_deleted) {
  const Device* chosen = nullptr;
  for (const Device& device : candidates) {
    const bool named =
        device.deleted_at.has_value() == is_deleted &&
        device.tenant_id == key.tenant_id &&
        device.serial_number == key.serial_number &&
        (!key.idevid_issuer.has_value() || !device.idevid_issuer.has_value() ||
         *device.idevid_issuer == *key.idevid_issuer);
    if (named && chosen != nullptr) {
      return Refuse(Reason::kDeviceAmbiguous,
                    "several devices have this serial number; an issuer is "
                    "needed");
    }
    if (named) {
      chosen = &device;
    }
  }
  if (chosen == nullptr) {
    return Refuse(Reason::kDeviceUnknown, "no such device");
  }
  return *chosen;
}

namespace {

// Edits each device that a key names; `may` says whether a key's may be, `edit`
// whether it changed anything, or why it cannot.
template <typename May, typename Edit>
AssignPlan PlanEdits(absl::Span<const DeviceKey> keys, const StoredFacts& facts,
                     const Change& change, const char* kind, const May& may,
                     const Edit& edit) {
  AssignPlan plan;
  const Ledger ledger = Open(facts);
  std::map<std::string, Device> writes;
  for (const DeviceKey& key : keys) {
    if (const absl::Status allowed = may(key); !allowed.ok()) {
      plan.outcomes.push_back(allowed);
      continue;
    }
    const auto found =
        ledger.by_serial.find({key.tenant_id, key.serial_number});
    plan.outcomes.push_back(Choose(key, found == ledger.by_serial.end()
                                            ? std::vector<Device>{}
                                            : found->second));
    if (!plan.outcomes.back().ok()) {
      continue;
    }
    const absl::StatusOr<bool> edited = edit(*plan.outcomes.back());
    if (!edited.ok()) {
      plan.outcomes.back() = edited.status();
    } else if (*edited) {
      Device& device = *plan.outcomes.back();
      ++device.version;
      writes[device.device_id] = device;
    }
  }
  const DevicesById before = IndexById(facts.devices);
  for (auto& [id, device] : writes) {
    plan.events.push_back(DeviceEvent(kind, FindById(before, id), device,
                                      change.actor, change.at,
                                      change.request_id));
    plan.writes.push_back(std::move(device));
  }
  return plan;
}

}  // namespace

AssignPlan PlanAssign(absl::Span<const DeviceKey> keys,
                      const std::string& organization_id,
                      const StoredFacts& facts, const Change& change) {
  return PlanEdits(
      keys, facts, change, kDeviceAssigned,
      [&](const DeviceKey& key) {
        return organization_id.empty() || facts.organizations.contains(
                                              {key.tenant_id, organization_id})
                   ? absl::OkStatus()
                   : Refuse(Reason::kOrganizationUnknown,
                            absl::StrCat("no organization ", organization_id));
      },
      [&](Device& device) -> absl::StatusOr<bool> {
        MASA_RETURN_IF_ERROR(CheckNotInTransfer(device));
        if (device.organization_id != organization_id) {
          device.group_id.clear();
        }
        device.organization_id = organization_id;
        return true;
      });
}

AssignPlan PlanSetBlocked(absl::Span<const DeviceKey> keys, bool blocked,
                          const StoredFacts& facts, const Change& change) {
  return PlanEdits(
      keys, facts, change, kDeviceStateSet,
      [](const DeviceKey&) { return absl::OkStatus(); },
      [blocked](Device& device) {
        const DeviceState from = device.state;
        if (blocked && from != DeviceState::kScrapped) {
          device.state = DeviceState::kBlocked;
        } else if (!blocked && from == DeviceState::kBlocked) {
          device.state = DeviceState::kManufactured;
        }
        return device.state != from;
      });
}

absl::Status DeviceHasChanged() {
  return Refuse(Reason::kStoreConflict,
                "the device, or what it got, was changed meanwhile; ask again");
}

}  // namespace masa::storage
