#include "services/authority/device_calls.h"

#include <limits>
#include <utility>

#include "services/authority/convert.h"
#include "services/issuance/ids.h"
#include "services/ownership/device_edits.h"
#include "services/signing/remote/crc32c.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

constexpr int kMostDevices = 1000;
constexpr size_t kIdOctets = 16;
// Far below what a client of gRPC takes unasked, 4 MiB, with the largest
// device on top.
constexpr size_t kMostOctets = 2 << 20;

std::string OctetsOf(const storage::DevicePlace& place) {
  return std::string({static_cast<char>(place.bucket >> 8),
                      static_cast<char>(place.bucket)}) +
         place.device_id;
}

// All that was asked, but where to begin and how much; whose list it is too.
template <typename Request>
std::string ListOf(const identity::Principal& caller, Request request) {
  request.clear_page_token();
  return absl::StrCat(request.GetTypeName(), ":", caller.tenant_id, ":",
                      caller.organization_id, ":", request.SerializeAsString());
}

// A device that was offered when it was exported is imported all the same: that
// it is in transfer is the record's to say, not the file's.
void ForgetTransfer(masa::v1::Device* device) {
  if (device->state() == masa::v1::DEVICE_STATE_IN_TRANSFER) {
    device->clear_state();
  }
}

template <typename Request>
issuance::DeviceListing ListingOf(const Request& request) {
  return {request.organization_id(), request.group_id(), request.filter(),
          request.show_deleted()};
}

}  // namespace

absl::StatusOr<std::set<std::string>> MaskOf(
    const masa::v1::UpdateDeviceRequest& request) {
  FieldChecker checker;
  checker.Need("update_mask", request.update_mask().paths_size() > 0);
  std::set<std::string> mask;
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    const std::string& path = request.update_mask().paths(i);
    if (!ownership::IsUpdatable(path)) {
      checker.Fault(absl::StrCat("update_mask.paths[", i, "]"),
                    "names no field that can be updated");
    }
    mask.insert(path);
  }
  MASA_RETURN_IF_ERROR(checker.Finish());
  return mask;
}

absl::StatusOr<std::vector<storage::DeviceKey>> KeysOf(
    const google::protobuf::RepeatedPtrField<masa::v1::DeviceKey>& messages) {
  std::vector<storage::DeviceKey> keys;
  for (int i = 0; i < messages.size(); ++i) {
    auto key = KeyOf(messages[i]);
    if (!key.ok()) {
      return UnderField(key.status(), absl::StrCat("devices[", i, "]"));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

absl::StatusOr<std::vector<storage::Device>> DevicesOf(
    const google::protobuf::RepeatedPtrField<masa::v1::Device>& messages) {
  if (messages.size() > kMostDevices) {
    return AtField(Refuse(Reason::kTooManyItems,
                          absl::StrCat("a call has at most ", kMostDevices,
                                       " devices, not ", messages.size())),
                   "devices");
  }
  std::vector<storage::Device> devices;
  for (int i = 0; i < messages.size(); ++i) {
    auto device = DeviceOf(messages[i]);
    if (!device.ok()) {
      return UnderField(device.status(), absl::StrCat("devices[", i, "]"));
    }
    devices.push_back(*std::move(device));
  }
  return devices;
}

DeviceQuery QueryOf(const identity::Principal& caller,
                    const masa::v1::ListDevicesRequest& request) {
  masa::v1::ListDevicesRequest asked = request;
  asked.clear_page_size();
  return {ListingOf(request), request.view() == masa::v1::DEVICE_VIEW_FULL,
          ListOf(caller, std::move(asked))};
}

DeviceQuery QueryOf(const identity::Principal& caller,
                    const masa::v1::ExportDevicesRequest& request) {
  return {ListingOf(request), request.view() != masa::v1::DEVICE_VIEW_BASIC,
          ListOf(caller, request)};
}

absl::StatusOr<storage::DevicePlace> PlaceOf(const DeviceQuery& query,
                                             const std::string& page_token) {
  MASA_ASSIGN_OR_RETURN(const std::string octets,
                        LastOf(query.list, page_token));
  if (octets.empty()) {
    return storage::DevicePlace{};
  }
  if (octets.size() != 2 + kIdOctets) {
    return RefuseFields(Reason::kPageTokenInvalid,
                        {{"page_token", "is not one of this list's"}});
  }
  return storage::DevicePlace{
      static_cast<int16_t>((static_cast<uint8_t>(octets[0]) << 8) |
                           static_cast<uint8_t>(octets[1])),
      octets.substr(2)};
}

std::string AddPage(
    const DeviceQuery& query, const identity::Principal& caller,
    const storage::DevicePage& page,
    google::protobuf::RepeatedPtrField<masa::v1::Device>* devices) {
  size_t octets = 0;
  for (const storage::Device& device : page.devices) {
    if (octets > kMostOctets) {
      const auto& last = page.devices[devices->size() - 1];
      return PageTokenOf(query.list, OctetsOf({last.bucket, last.device_id}));
    }
    *devices->Add() =
        query.is_full ? MessageOf(device, caller) : BasicOf(device, caller);
    octets += devices->rbegin()->ByteSizeLong();
  }
  return page.next ? PageTokenOf(query.list, OctetsOf(*page.next)) : "";
}

masa::v1::ImportProgress ProgressOf(const storage::ImportProgress& progress) {
  masa::v1::ImportProgress message;
  message.set_import_id(progress.import_id);
  message.set_last_committed_sequence(progress.last_sequence);
  message.set_created(progress.created);
  message.set_skipped(progress.skipped);
  message.set_updated(progress.updated);
  message.set_failed(progress.failed);
  message.set_complete(progress.complete);
  return message;
}

absl::StatusOr<int64_t> SequenceOf(const char* field, uint64_t sequence) {
  if (sequence > std::numeric_limits<int64_t>::max()) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{field, "is the number of no chunk"}});
  }
  return static_cast<int64_t>(sequence);
}

absl::StatusOr<storage::OnConflict> ConflictOf(
    masa::v1::ImportDevicesRequest::OnConflict on_conflict) {
  if (!masa::v1::ImportDevicesRequest::OnConflict_IsValid(on_conflict)) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{"header.on_conflict", "is none"}});
  }
  switch (on_conflict) {
    case masa::v1::ImportDevicesRequest::ON_CONFLICT_SKIP:
      return storage::OnConflict::kSkip;
    case masa::v1::ImportDevicesRequest::ON_CONFLICT_UPDATE:
      return storage::OnConflict::kUpdate;
    default:
      return storage::OnConflict::kFail;
  }
}

absl::Status AtImportId(const absl::Status& status, const std::string& field) {
  return status.ok() || ReasonOf(status) == Reason::kPermissionDenied
             ? status
             : AtField(status, field);
}

absl::StatusOr<ReadChunk> ReadChunkOf(
    const std::string& import_id,
    const masa::v1::ImportDevicesRequest::Chunk& message) {
  if (signing::Crc32c(message.devices()) != message.crc32c()) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{"chunk.crc32c", "is not the checksum of devices"}});
  }
  masa::v1::DeviceList list;
  if (!list.ParseFromString(message.devices())) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{"chunk.devices", "is no serialised DeviceList"}});
  }
  if (list.devices_size() > kMostDevices) {
    return AtField(Refuse(Reason::kTooManyItems,
                          absl::StrCat("a chunk has at most ", kMostDevices,
                                       " devices, not ", list.devices_size())),
                   "chunk.devices");
  }
  ReadChunk read;
  read.chunk.key.import_id = import_id;
  MASA_ASSIGN_OR_RETURN(read.chunk.sequence,
                        SequenceOf("chunk.sequence", message.sequence()));
  read.chunk.sha256 = issuance::Sha256(message.devices());
  for (int i = 0; i < list.devices_size(); ++i) {
    ForgetTransfer(list.mutable_devices(i));
    auto device = DeviceOf(list.devices(i));
    if (device.ok()) {
      read.chunk.devices.push_back(*std::move(device));
      read.places.push_back(i);
    } else {
      read.refused.push_back(ErrorOf(read.chunk.sequence, i, device.status()));
    }
  }
  read.chunk.unreadable = static_cast<int64_t>(read.refused.size());
  return read;
}

masa::v1::ImportError ErrorOf(int64_t sequence, int place,
                              const absl::Status& status) {
  masa::v1::ImportError error;
  error.set_sequence(sequence);
  error.set_index(place);
  error.set_reason(std::string(InfoOf(ReasonOf(status)).name));
  error.set_message(PublicMessage(status));
  return error;
}

}  // namespace masa::authority
