// What an import or an assignment would change, given what is stored: the one
// place of their rules, so that every implementation decides alike. Pure.
#ifndef STORAGE_DEVICE_CHANGES_H_
#define STORAGE_DEVICE_CHANGES_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/device.h"
#include "storage/device_store.h"

namespace masa::storage {

// (tenant, id)
using ScopedNames = std::set<std::pair<std::string, std::string>>;

// What is stored now, as far as the batch could ask for it.
struct StoredFacts {
  std::vector<Device> devices;  // all with a serial number of the batch
  ScopedNames products;
  ScopedNames organizations;
};

using DevicesById = std::map<std::string, const Device*>;

// What it holds is of `devices`.
DevicesById IndexById(absl::Span<const Device> devices);

// nullptr when there is none.
const Device* FindById(const DevicesById& devices,
                       const std::string& device_id);

struct Change {
  std::string actor;
  absl::Time at;
  std::string request_id;
};

struct ImportPlan {
  std::vector<absl::StatusOr<ImportOutcome>> outcomes;  // one per item
  std::vector<Device> writes;  // at most one per device id, as it shall stand
  std::vector<AuditEvent> events;
};

// An update replaces the record, but keeps the recorded owner where the item
// names none, and the state where the item says kManufactured: those two have
// operations of their own. Devices with one serial number and different
// issuers are different devices; where either has no issuer they conflict,
// and kUpdate does not help; nor does it with what is deleted. What is scrapped
// stays so.
ImportPlan PlanImport(absl::Span<const Device> devices,
                      const StoredFacts& facts, OnConflict on_conflict,
                      const Change& change);

// The same without events, for an import that has one of its own; the writes
// are in the order of bucket and id, as the table has them.
ImportPlan PlanRecords(absl::Span<const Device> devices,
                       const StoredFacts& facts, OnConflict on_conflict);

// The one stored device that `key` names, from `candidates`; kDeviceUnknown,
// kDeviceAmbiguous (RV-13). Of those that are deleted, or of the others.
absl::StatusOr<Device> Choose(const DeviceKey& key,
                              absl::Span<const Device> candidates,
                              bool is_deleted = false);

// kDeviceInTransfer for one that is offered: only the transfer's end, or a
// block, changes it.
absl::Status CheckNotInTransfer(const Device& device);

struct AssignPlan {
  std::vector<absl::StatusOr<Device>> outcomes;
  std::vector<Device> writes;
  std::vector<AuditEvent> events;
};

// Each device is written once, however often it is named.
AssignPlan PlanAssign(absl::Span<const DeviceKey> keys,
                      const std::string& organization_id,
                      const StoredFacts& facts, const Change& change);

// Blocks, or lifts a block: then the device is as manufactured. What is
// scrapped stays so, and what needs no change is not written.
AssignPlan PlanSetBlocked(absl::Span<const DeviceKey> keys, bool blocked,
                          const StoredFacts& facts, const Change& change);

// kStoreConflict: of a voucher, see IssuanceLog::Commit.
absl::Status DeviceHasChanged();

}  // namespace masa::storage

#endif  // STORAGE_DEVICE_CHANGES_H_
