// The use cases of registry_desk.h. Operators act within their tenant;
// customers' accounts see the devices of groups in which they have a role.
#ifndef SERVICES_ISSUANCE_SERVE_REGISTRY_H_
#define SERVICES_ISSUANCE_SERVE_REGISTRY_H_

#include <optional>

#include "services/issuance/registry_desk.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// What the registry's use cases work with beside the tools of all others. Both
// outlive them; both are thread-safe.
struct RegistryTools {
  storage::DeviceRegistry& registry;
  storage::ImportStore& imports;
};

class ServeRegistry final : public RegistryDesk {
 public:
  ServeRegistry(const Tools& tools, const RegistryTools& registry)
      : tools_(tools), registry_(registry) {}

  absl::StatusOr<std::vector<storage::Device>> BatchGet(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const storage::DeviceKey> devices) override;
  absl::StatusOr<storage::DevicePage> List(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const DeviceListing& listing,
                                           const storage::DevicePlace& after,
                                           int limit) override;
  absl::StatusOr<storage::DeviceCount> Count(
      const RequestContext& context, const identity::Principal& caller,
      const DeviceListing& listing, const storage::DevicePlace& after) override;
  absl::StatusOr<storage::Device> Create(
      const RegistryCall& call, const storage::Device& device) override;
  absl::StatusOr<std::vector<storage::Device>> CreateAll(
      const RegistryCall& call, std::vector<storage::Device> devices) override;
  absl::StatusOr<storage::Device> Update(
      const RegistryCall& call, const storage::DeviceKey& device,
      const storage::Device& update,
      const std::set<std::string>& mask) override;
  absl::StatusOr<storage::Device> SetState(const RegistryCall& call,
                                           const storage::DeviceKey& device,
                                           storage::DeviceState state) override;
  absl::StatusOr<storage::Device> Delete(
      const RegistryCall& call, const storage::DeviceKey& device) override;
  absl::StatusOr<storage::Device> Undelete(
      const RegistryCall& call, const storage::DeviceKey& device) override;

  absl::StatusOr<storage::ImportProgress> BeginImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id, storage::OnConflict on_conflict) override;
  absl::StatusOr<storage::ImportProgress> GetImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id) override;
  absl::StatusOr<storage::CommittedChunk> ImportChunk(
      const RequestContext& context, const identity::Principal& caller,
      storage::ImportChunk chunk) override;
  absl::StatusOr<storage::ImportProgress> CompleteImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id, int64_t last_sequence) override;

 private:
  using Plan =
      std::function<absl::StatusOr<storage::Device>(storage::Device stored)>;

  // Whom the listing is about, where the caller may see that.
  absl::StatusOr<std::string> CheckListing(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const DeviceListing& listing);
  absl::StatusOr<std::optional<storage::DeviceFilter>> FilterOf(
      const RequestContext& context, const identity::Principal& caller,
      const DeviceListing& listing);
  // Edits the device with `edit`, whose plan and device are made here.
  absl::StatusOr<storage::Device> Edit(const RegistryCall& call,
                                       const storage::DeviceKey& device,
                                       storage::DeviceEdit edit,
                                       const Plan& plan);

  const Tools tools_;
  const RegistryTools registry_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_REGISTRY_H_
