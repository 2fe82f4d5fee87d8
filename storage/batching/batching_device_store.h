// Gathered look-ups: questions of many callers go to the store in one
// statement, and each keeps its own answer. Writes pass through.
#ifndef STORAGE_BATCHING_BATCHING_DEVICE_STORE_H_
#define STORAGE_BATCHING_BATCHING_DEVICE_STORE_H_

#include <string>
#include <vector>

#include "storage/batching/gatherer.h"
#include "storage/device_store.h"

namespace masa::storage {

class BatchingDeviceStore final : public DeviceStore {
 public:
  // `store` outlives this.
  explicit BatchingDeviceStore(DeviceStore& store,
                               GathererOptions options = {});

  // kOverloaded beside what the store answers, when too many wait.
  std::vector<absl::StatusOr<DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const DeviceQuestion> questions) override;
  absl::StatusOr<std::vector<std::string>> ProductsOf(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& serial_number) override;
  std::vector<absl::StatusOr<ImportOutcome>> Import(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const Device> devices, OnConflict on_conflict) override;
  std::vector<absl::StatusOr<Device>> Assign(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys,
      const std::string& organization_id) override;
  std::vector<absl::StatusOr<Device>> SetBlocked(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys, bool blocked) override;

 private:
  DeviceStore& store_;
  Gatherer<DeviceQuestion, DeviceAnswer> gatherer_;
};

}  // namespace masa::storage

#endif  // STORAGE_BATCHING_BATCHING_DEVICE_STORE_H_
