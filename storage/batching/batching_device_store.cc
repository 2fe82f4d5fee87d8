#include "storage/batching/batching_device_store.h"

#include <algorithm>
#include <utility>

namespace masa::storage {

BatchingDeviceStore::BatchingDeviceStore(DeviceStore& store,
                                         GathererOptions options)
    : store_(store), gatherer_(options, [this](const std::vector<Item>& items) {
        // The batch is worth asking while any of its callers waits.
        RequestContext context;
        context.deadline = absl::InfinitePast();
        std::vector<DeviceQuestion> questions;
        questions.reserve(items.size());
        for (const Item& item : items) {
          context.deadline = std::max(context.deadline, item.deadline);
          questions.push_back(item.question);
        }
        return store_.Find(context, questions);
      }) {}

std::vector<absl::StatusOr<DeviceAnswer>> BatchingDeviceStore::Find(
    const RequestContext& context, absl::Span<const DeviceQuestion> questions) {
  std::vector<Item> items;
  items.reserve(questions.size());
  for (const DeviceQuestion& question : questions) {
    items.push_back(Item{context.deadline, question});
  }
  return gatherer_.Run(std::move(items));
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

std::vector<absl::StatusOr<Device>> BatchingDeviceStore::SetBlocked(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, bool blocked) {
  return store_.SetBlocked(context, actor, at, keys, blocked);
}

}  // namespace masa::storage
