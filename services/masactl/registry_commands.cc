#include "services/masactl/registry_commands.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/rand.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/device_rows.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::DeviceService;

// A retry of the channel's own is the same change.
std::string NewRequestId() {
  std::string octets(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return absl::BytesToHexString(octets);
}

std::string StateText(masa::v1::DeviceState state) {
  return masa::v1::DeviceState_Name(state).substr(
      std::string("DEVICE_STATE_").size());
}

// One line of a list.
std::string Summary(const masa::v1::Device& device) {
  return absl::StrCat(
      Shown(device.serial_number()), "  ", device.product_id(), "  ",
      device.organization_id().empty() ? "-" : device.organization_id(), "  ",
      StateText(device.state()), device.has_delete_time() ? "  deleted" : "");
}

// Makes the change that `request` asks for, and shows the device.
template <typename Request, typename Response>
absl::StatusOr<int> Change(const CommonOptions& options,
                           const RegistryArguments& arguments, Request request,
                           grpc::Status (DeviceService::Stub::*method)(
                               grpc::ClientContext*, const Request&, Response*),
                           Terminal terminal) {
  request.set_validate_only(arguments.check);
  request.set_request_id(NewRequestId());
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = DeviceService::NewStub(channel);
  Response response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(StatusOf(((*stub).*method)(&call, request, &response)));
  terminal.out << (options.json
                       ? JsonOf(response.device())
                       : absl::StrCat(Summary(response.device()), "  etag ",
                                      response.device().etag()))
               << '\n';
  return 0;
}

// Sets what COLUMN=VALUE says; the fields of the .proto file that it set.
absl::StatusOr<std::vector<std::string>> Apply(
    const std::vector<std::string>& settings, masa::v1::Device* device) {
  std::vector<std::string> fields;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    const std::string column = setting.substr(0, equals);
    fields.push_back(UpdatableField(column));
    if (equals == std::string::npos || fields.back().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set takes COLUMN=VALUE of a column that may change (",
                       UpdatableColumns(), "), not ", setting));
    }
    MASA_RETURN_IF_ERROR(ReadField(column, setting.substr(equals + 1), device));
  }
  return fields;
}

// The request of a change of the device that the arguments name.
template <typename Request>
absl::StatusOr<Request> RequestFor(const CommonOptions& options,
                                   const RegistryArguments& arguments) {
  Request request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(),
                        KeyOf(options, arguments.serial));
  request.set_etag(arguments.etag);
  return request;
}

}  // namespace

absl::StatusOr<int> ListDevices(const CommonOptions& options,
                                const RegistryArguments& arguments,
                                Terminal terminal) {
  constexpr int kPage = 1000;
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = DeviceService::NewStub(channel);
  masa::v1::ListDevicesRequest request;
  request.set_organization_id(arguments.organization);
  request.set_group_id(arguments.group);
  request.set_filter(arguments.filter);
  request.set_show_deleted(arguments.deleted);
  request.set_page_size(kPage);
  int shown = 0;
  do {
    masa::v1::ListDevicesResponse page;
    grpc::ClientContext call;
    Prepare(&call);
    MASA_RETURN_IF_ERROR(StatusOf(stub->ListDevices(&call, request, &page)));
    for (const masa::v1::Device& device : page.devices()) {
      if (arguments.limit > 0 && shown == arguments.limit) {
        break;
      }
      terminal.out << (!options.json ? ""
                       : shown == 0  ? "["
                                     : ",")
                   << (options.json ? JsonOf(device) : Summary(device)) << '\n';
      ++shown;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() &&
           (arguments.limit == 0 || shown < arguments.limit));
  if (options.json) {
    terminal.out << (shown == 0 ? "[]" : "]") << '\n';
  } else if (shown == 0) {
    terminal.out << "no device\n";
  }
  return 0;
}

absl::StatusOr<int> CreateDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal) {
  masa::v1::CreateDeviceRequest request;
  MASA_RETURN_IF_ERROR(
      Apply(arguments.settings, request.mutable_device()).status());
  request.mutable_device()->set_serial_number(arguments.serial);
  request.mutable_device()->set_product_id(arguments.product);
  request.mutable_device()->set_organization_id(arguments.organization);
  MASA_ASSIGN_OR_RETURN(
      *request.mutable_device()->mutable_idevid_issuer_ski(),
      OctetsOfHex("--idevid-issuer", options.idevid_issuer_hex));
  return Change(options, arguments, std::move(request),
                &DeviceService::Stub::CreateDevice, terminal);
}

absl::StatusOr<int> UpdateDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(auto request, RequestFor<masa::v1::UpdateDeviceRequest>(
                                          options, arguments));
  MASA_ASSIGN_OR_RETURN(const auto fields,
                        Apply(arguments.settings, request.mutable_update()));
  for (const std::string& field : fields) {
    request.mutable_update_mask()->add_paths(field);
  }
  return Change(options, arguments, std::move(request),
                &DeviceService::Stub::UpdateDevice, terminal);
}

absl::StatusOr<int> SetDeviceState(const CommonOptions& options,
                                   const RegistryArguments& arguments,
                                   Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      auto request,
      RequestFor<masa::v1::SetDeviceStateRequest>(options, arguments));
  masa::v1::DeviceState state = masa::v1::DEVICE_STATE_UNSPECIFIED;
  if (!masa::v1::DeviceState_Parse(
          absl::StrCat("DEVICE_STATE_", absl::AsciiStrToUpper(arguments.state)),
          &state)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no state ", arguments.state,
        "; give MANUFACTURED, ALLOCATED, CLAIMED, RETURNED, BLOCKED or "
        "SCRAPPED"));
  }
  request.set_state(state);
  return Change(options, arguments, std::move(request),
                &DeviceService::Stub::SetDeviceState, terminal);
}

absl::StatusOr<int> DeleteDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(auto request, RequestFor<masa::v1::DeleteDeviceRequest>(
                                          options, arguments));
  return Change(options, arguments, std::move(request),
                &DeviceService::Stub::DeleteDevice, terminal);
}

absl::StatusOr<int> UndeleteDevice(const CommonOptions& options,
                                   const RegistryArguments& arguments,
                                   Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      auto request,
      RequestFor<masa::v1::UndeleteDeviceRequest>(options, arguments));
  const absl::StatusOr<int> status =
      Change(options, arguments, std::move(request),
             &DeviceService::Stub::UndeleteDevice, terminal);
  // The service knows none of those that are there, which is not meant so.
  return absl::IsNotFound(status.status())
             ? absl::StatusOr<int>(absl::NotFoundError(
                   absl::StrCat(std::string(status.status().message()),
                                "; what is deleted alone is brought back")))
             : status;
}

}  // namespace masa::masactl
