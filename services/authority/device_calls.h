// Messages of DeviceService and the values of its use cases: changes, pages,
// imports. Pure.
#ifndef SERVICES_AUTHORITY_DEVICE_CALLS_H_
#define SERVICES_AUTHORITY_DEVICE_CALLS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/device.pb.h"
#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/issuance/registry_desk.h"
#include "services/status/macros.h"

namespace masa::authority {

// A change of one device: under the caller's own id, where it gave one.
template <typename Request>
absl::StatusOr<issuance::RegistryCall> RegistryCallOf(
    const RequestContext& context, const identity::Principal& caller,
    const Request& request) {
  MASA_ASSIGN_OR_RETURN(const issuance::Once once, OnceOf(request));
  issuance::RegistryCall call{Under(context, once), caller};
  call.once_id = once.id;
  call.once_digest = once.digest;
  call.validate_only = request.validate_only();
  return call;
}

// kInvalidArgument for an empty mask or a field that cannot be updated.
absl::StatusOr<std::set<std::string>> MaskOf(
    const masa::v1::UpdateDeviceRequest& request);

// Names the field `devices[i]` of one that is none.
absl::StatusOr<std::vector<storage::DeviceKey>> KeysOf(
    const google::protobuf::RepeatedPtrField<masa::v1::DeviceKey>& messages);

// The same of devices to create. kTooManyItems for more than 1000.
absl::StatusOr<std::vector<storage::Device>> DevicesOf(
    const google::protobuf::RepeatedPtrField<masa::v1::Device>& messages);

// What a list is of, and how its tokens say that they are this list's.
struct DeviceQuery {
  issuance::DeviceListing listing;
  bool is_full = false;
  std::string list;
};

DeviceQuery QueryOf(const identity::Principal& caller,
                    const masa::v1::ListDevicesRequest& request);
DeviceQuery QueryOf(const identity::Principal& caller,
                    const masa::v1::ExportDevicesRequest& request);

// Where the page that the token asks for begins; the empty token stands before
// all. kPageTokenInvalid.
absl::StatusOr<storage::DevicePlace> PlaceOf(const DeviceQuery& query,
                                             const std::string& page_token);

// Puts the page's devices into a message, as the caller may read them and no
// more than fit; the token of what follows them, empty at the end.
std::string AddPage(
    const DeviceQuery& query, const identity::Principal& caller,
    const storage::DevicePage& page,
    google::protobuf::RepeatedPtrField<masa::v1::Device>* devices);

masa::v1::ImportProgress ProgressOf(const storage::ImportProgress& progress);

// kInvalidArgument for one that is none.
absl::StatusOr<storage::OnConflict> ConflictOf(
    masa::v1::ImportDevicesRequest::OnConflict on_conflict);

// kInvalidArgument, at `field`, for one that no import can come to.
absl::StatusOr<int64_t> SequenceOf(const char* field, uint64_t sequence);

// The refusal of an import's id names the field that has it; that of its caller
// names none.
absl::Status AtImportId(const absl::Status& status, const std::string& field);

// A chunk as it came: what became a device, and what did not.
struct ReadChunk {
  storage::ImportChunk chunk;
  std::vector<int> places;                     // of each of its devices
  std::vector<masa::v1::ImportError> refused;  // in order
};

// kInvalidArgument when the checksum or the list does not hold, kTooManyItems.
absl::StatusOr<ReadChunk> ReadChunkOf(
    const std::string& import_id,
    const masa::v1::ImportDevicesRequest::Chunk& message);

masa::v1::ImportError ErrorOf(int64_t sequence, int place,
                              const absl::Status& status);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_DEVICE_CALLS_H_
