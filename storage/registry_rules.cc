#include "storage/registry_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

bool HasLabels(const Device& device, const DeviceFilter& filter) {
  return std::all_of(
      filter.labels.begin(), filter.labels.end(), [&](const auto& label) {
        const auto found = device.labels.find(label.first);
        return found != device.labels.end() && found->second == label.second;
      });
}

// All of them, as new; else why the first that cannot be is refused, which is
// named by its place where it is one of several.
absl::StatusOr<BatchPlan> PlanCreated(absl::Span<const Device> devices,
                                      const StoredFacts& facts,
                                      const Change& change, bool is_batch) {
  const ImportPlan planned = PlanRecords(devices, facts, OnConflict::kFail);
  for (size_t i = 0; i < devices.size(); ++i) {
    const absl::Status& status = planned.outcomes[i].status();
    if (!status.ok()) {
      return is_batch ? AtField(status, absl::StrCat("devices[", i, "]"))
                      : status;
    }
  }
  const DevicesById by_id = IndexById(planned.writes);
  BatchPlan plan;
  for (const Device& device : devices) {
    plan.devices.push_back(*by_id.at(DeviceIdOf(
        device.tenant_id, device.serial_number, device.idevid_issuer)));
    Device& made = plan.devices.back();
    made.created_at = made.updated_at = ToMicros(change.at);
    plan.events.push_back(DeviceEvent(kDeviceCreated, nullptr, made,
                                      change.actor, change.at,
                                      change.request_id));
  }
  return plan;
}

absl::Status IdReused() {
  return Refuse(Reason::kRequestIdReused,
                "request_id was used for another change");
}

}  // namespace

bool Passes(const DeviceFilter& filter, const Device& device) {
  return (filter.organization_id.empty() ||
          filter.organization_id == device.organization_id) &&
         (filter.group_id.empty() || filter.group_id == device.group_id) &&
         (!filter.state || *filter.state == device.state) &&
         (filter.product_id.empty() ||
          filter.product_id == device.product_id) &&
         (filter.model.empty() || filter.model == device.model) &&
         (!filter.owned || *filter.owned == !device.organization_id.empty()) &&
         (filter.also_deleted || !device.deleted_at) &&
         HasLabels(device, filter);
}

absl::StatusOr<EditPlan> PlanCreation(const DeviceCreation& creation,
                                      const StoredFacts& facts,
                                      const Change& change) {
  MASA_ASSIGN_OR_RETURN(BatchPlan plan,
                        PlanCreated({creation.device}, facts, change, false));
  return EditPlan{std::move(plan.devices.front()),
                  std::move(plan.events.front())};
}

absl::StatusOr<BatchPlan> PlanCreations(const BatchCreation& creation,
                                        const StoredFacts& facts,
                                        const Change& change) {
  return PlanCreated(creation.devices, facts, change, true);
}

absl::StatusOr<EditPlan> PlanEdit(const DeviceEdit& edit,
                                  const StoredFacts& facts,
                                  const Change& change) {
  MASA_ASSIGN_OR_RETURN(const Device stored,
                        Choose(edit.device, facts.devices, edit.is_deleted));
  MASA_ASSIGN_OR_RETURN(Device planned, edit.plan(stored));
  if (planned == stored) {
    return EditPlan{std::move(planned), std::nullopt};
  }
  if (planned.state != DeviceState::kBlocked) {
    MASA_RETURN_IF_ERROR(CheckNotInTransfer(stored));
  }
  MASA_RETURN_IF_ERROR(CheckDevice(planned));
  if (planned.product_id != stored.product_id &&
      !facts.products.contains({planned.tenant_id, planned.product_id})) {
    return Refuse(Reason::kProductUnknown,
                  absl::StrCat("no product ", planned.product_id));
  }
  planned.version = stored.version + 1;
  planned.created_at = stored.created_at;
  planned.updated_at = ToMicros(change.at);
  AuditEvent event = DeviceEvent(edit.kind, &stored, planned, change.actor,
                                 change.at, change.request_id);
  return EditPlan{std::move(planned), std::move(event)};
}

absl::StatusOr<Device> Replay(const OnceResult& known, const OnceOrder& once,
                              absl::Span<const Device> devices) {
  for (const Device& device : devices) {
    if (known.digest == once.digest && known.result == ReplayMark(device)) {
      return device;
    }
  }
  return IdReused();
}

absl::StatusOr<std::vector<Device>> ReplayAll(
    const OnceResult& known, const BatchCreation& creation,
    absl::Span<const Device> devices) {
  std::vector<Device> found;
  for (const Device& asked : creation.devices) {
    const std::string id =
        DeviceIdOf(asked.tenant_id, asked.serial_number, asked.idevid_issuer);
    const auto stored =
        std::find_if(devices.begin(), devices.end(),
                     [&](const Device& one) { return one.device_id == id; });
    if (stored == devices.end() || known.digest != creation.once->digest) {
      return IdReused();
    }
    found.push_back(*stored);
  }
  return found;
}

std::string ReplayMark(const Device& device) {
  return absl::BytesToHexString(device.device_id);
}

}  // namespace masa::storage
