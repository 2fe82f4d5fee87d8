// What operators and owners can ask of the device registry over gRPC, as use
// cases: the faces only translate. Thread-safe; blocks. Every error carries a
// reason; everything written has one audit event.
#ifndef SERVICES_ISSUANCE_REGISTRY_DESK_H_
#define SERVICES_ISSUANCE_REGISTRY_DESK_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/device_registry.h"
#include "storage/import_store.h"

namespace masa::issuance {

// One change of one device, and who asks for it.
struct RegistryCall {
  RequestContext context;
  identity::Principal caller;
  // The caller's own id for the change, with a digest of all that it asks: a
  // repeat changes nothing, and another change under this id is refused
  // (kRequestIdReused). Empty: none.
  std::string once_id = {};
  std::string once_digest = {};
  // Of the device as it was read: kEtagMismatch when it is another one.
  std::optional<int64_t> version = {};
  // Decides, and writes nothing.
  bool validate_only = false;
};

struct DeviceListing {
  // Empty: all of the tenant, and for customers their own.
  std::string organization_id;
  std::string group_id;       // of the organisation; empty: all of its groups
  std::string filter;         // ownership/device_filter.h
  bool show_deleted = false;  // operators
};

class RegistryDesk {
 public:
  virtual ~RegistryDesk() = default;

  // All of 1 to 1000, in order, or an error about `devices[i]`.
  virtual absl::StatusOr<std::vector<storage::Device>> BatchGet(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const storage::DeviceKey> devices) = 0;

  // The next devices behind `after`, at most `limit` (1 to 1000); a page may
  // have fewer while there are more. kOrganizationUnknown and kGroupNotFound
  // for unknown and foreign alike.
  virtual absl::StatusOr<storage::DevicePage> List(
      const RequestContext& context, const identity::Principal& caller,
      const DeviceListing& listing, const storage::DevicePlace& after,
      int limit) = 0;

  // How many such devices there are behind `after`, up to where it stopped
  // looking.
  virtual absl::StatusOr<storage::DeviceCount> Count(
      const RequestContext& context, const identity::Principal& caller,
      const DeviceListing& listing, const storage::DevicePlace& after) = 0;

  // Operators. See storage/device_registry.h and ownership/device_edits.h for
  // what each refuses.
  virtual absl::StatusOr<storage::Device> Create(
      const RegistryCall& call, const storage::Device& device) = 0;
  // 1 to 1000 devices: all, or an error that names the first that cannot be.
  virtual absl::StatusOr<std::vector<storage::Device>> CreateAll(
      const RegistryCall& call, std::vector<storage::Device> devices) = 0;
  virtual absl::StatusOr<storage::Device> Update(
      const RegistryCall& call, const storage::DeviceKey& device,
      const storage::Device& update, const std::set<std::string>& mask) = 0;
  virtual absl::StatusOr<storage::Device> SetState(
      const RegistryCall& call, const storage::DeviceKey& device,
      storage::DeviceState state) = 0;
  virtual absl::StatusOr<storage::Device> Delete(
      const RegistryCall& call, const storage::DeviceKey& device) = 0;
  virtual absl::StatusOr<storage::Device> Undelete(
      const RegistryCall& call, const storage::DeviceKey& device) = 0;

  // Operators. See storage/import_store.h; the tenant is the caller's.
  virtual absl::StatusOr<storage::ImportProgress> BeginImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id, storage::OnConflict on_conflict) = 0;
  virtual absl::StatusOr<storage::ImportProgress> GetImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id) = 0;
  // The chunk's devices get the caller's tenant.
  virtual absl::StatusOr<storage::CommittedChunk> ImportChunk(
      const RequestContext& context, const identity::Principal& caller,
      storage::ImportChunk chunk) = 0;
  virtual absl::StatusOr<storage::ImportProgress> CompleteImport(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& import_id, int64_t last_sequence) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REGISTRY_DESK_H_
