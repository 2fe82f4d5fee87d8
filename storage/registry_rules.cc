#include "storage/registry_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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
  ImportPlan plan =
      PlanImport({creation.device}, facts, OnConflict::kFail, change);
  MASA_RETURN_IF_ERROR(plan.outcomes.front().status());
  Device& device = plan.writes.front();
  AuditEvent event = DeviceEvent(kDeviceCreated, device, change.actor,
                                 change.at, change.request_id);
  return EditPlan{std::move(device), std::move(event)};
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
  AuditEvent event = DeviceEvent(edit.kind, planned, change.actor, change.at,
                                 change.request_id);
  return EditPlan{std::move(planned), std::move(event)};
}

absl::StatusOr<Device> Replay(const OnceResult& known, const OnceOrder& once,
                              absl::Span<const Device> devices) {
  for (const Device& device : devices) {
    if (known.digest == once.digest && known.result == ReplayMark(device)) {
      return device;
    }
  }
  return Refuse(Reason::kRequestIdReused,
                "request_id was used for another change");
}

std::string ReplayMark(const Device& device) {
  return absl::BytesToHexString(device.device_id);
}

}  // namespace masa::storage
