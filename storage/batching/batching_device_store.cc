#include "storage/batching/batching_device_store.h"

namespace masa::storage {

BatchingDeviceStore::BatchingDeviceStore(DeviceStore& store,
                                         GathererOptions options)
    : store_(store),
      gatherer_(options, [this](const RequestContext& context,
                                const std::vector<DeviceQuestion>& items) {
        return store_.Find(context, items);
      }) {}

std::vector<absl::StatusOr<DeviceAnswer>> BatchingDeviceStore::Find(
    const RequestContext& context, absl::Span<const DeviceQuestion> questions) {
  return gatherer_.Run(context, {questions.begin(), questions.end()});
}

std::vector<absl::StatusOr<ImportOutcome>> BatchingDeviceStore::Import(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const Device> devices, OnConflict on_conflict) {
  return store_.Import(context, actor, at, devices, on_conflict);
}

std::vector<absl::StatusOr<Device>> BatchingDeviceStore::Assign(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, const std::string& organization_id) {
  return store_.Assign(context, actor, at, keys, organization_id);
}

absl::StatusOr<std::vector<std::string>> BatchingDeviceStore::ProductsOf(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& serial_number) {
  return store_.ProductsOf(context, tenant_id, serial_number);
}

std::vector<absl::StatusOr<Device>> BatchingDeviceStore::SetBlocked(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, bool blocked) {
  return store_.SetBlocked(context, actor, at, keys, blocked);
}

}  // namespace masa::storage
