#include "services/authority/device_face.h"

#include <memory>

#include "services/authority/convert.h"
#include "services/authority/device_calls.h"
#include "services/authority/import_stream.h"
#include "services/rpc/serve_pages.h"
#include "services/status/field_faults.h"

namespace masa::authority {
namespace {

using identity::Principal;
using masa::v1::DeviceService;

// A change of the device that the request names, at the version that its etag
// names: what all of them have in common.
template <typename Request, typename Response, typename Change>
absl::Status ChangeDevice(const RequestContext& context,
                          const Principal& caller, const Request& request,
                          Response* response, const Change& change) {
  MASA_ASSIGN_OR_RETURN(auto call, RegistryCallOf(context, caller, request));
  MASA_ASSIGN_OR_RETURN(call.version, VersionOf(request.etag()));
  MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(request));
  MASA_ASSIGN_OR_RETURN(const storage::Device device, change(call, key));
  *response->mutable_device() = MessageOf(device, caller);
  return absl::OkStatus();
}

template <typename Response>
void FillOutcomes(const issuance::TransferOutcome& outcome,
                  const rpc::Serving& serving, const RequestContext& ours,
                  Response* response) {
  rpc::ItemFaults faults(serving.gate, DeviceService::service_full_name(),
                         ours);
  for (const absl::Status& one : outcome.outcomes) {
    *response->add_outcomes() = OutcomeOf(one, faults);
  }
}

}  // namespace

grpc::ServerUnaryReactor* DeviceFace::GetDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDeviceRequest* request,
    masa::v1::GetDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const auto device,
                              desk_.GetDevice(ours, caller, key));
        *response->mutable_device() = MessageOf(device, caller);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::BatchGetDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::BatchGetDevicesRequest* request,
    masa::v1::BatchGetDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(const auto devices,
                              registry_.BatchGet(ours, caller, keys));
        for (const storage::Device& device : devices) {
          *response->add_devices() = MessageOf(device, caller);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::ListDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ListDevicesRequest* request,
    masa::v1::ListDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const DeviceQuery query = QueryOf(caller, *request);
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const auto after,
                              PlaceOf(query, request->page_token()));
        MASA_ASSIGN_OR_RETURN(
            const auto page,
            registry_.List(ours, caller, query.listing, after, limit));
        response->set_next_page_token(
            AddPage(query, caller, page, response->mutable_devices()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::CreateDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateDeviceRequest* request,
    masa::v1::CreateDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto call,
                              RegistryCallOf(ours, caller, *request));
        const auto device = DeviceOf(request->device());
        MASA_RETURN_IF_ERROR(UnderField(device.status(), "device"));
        MASA_ASSIGN_OR_RETURN(const auto made, registry_.Create(call, *device));
        *response->mutable_device() = MessageOf(made, caller);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::BatchCreateDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::BatchCreateDevicesRequest* request,
    masa::v1::BatchCreateDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto call,
                              RegistryCallOf(ours, caller, *request));
        MASA_ASSIGN_OR_RETURN(auto devices, DevicesOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(const auto made,
                              registry_.CreateAll(call, std::move(devices)));
        for (const storage::Device& device : made) {
          *response->add_devices() = MessageOf(device, caller);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::UpdateDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::UpdateDeviceRequest* request,
    masa::v1::UpdateDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return ChangeDevice(
            ours, caller, *request, response,
            [&](const auto& call,
                const auto& key) -> absl::StatusOr<storage::Device> {
              MASA_ASSIGN_OR_RETURN(const auto mask, MaskOf(*request));
              const auto update = FieldsOf(request->update());
              MASA_RETURN_IF_ERROR(UnderField(update.status(), "update"));
              auto updated = registry_.Update(call, key, *update, mask);
              return ReasonOf(updated.status()) == Reason::kProductUnknown
                         ? AtField(updated.status(), "update.product_id")
                         : std::move(updated);
            });
      });
}

grpc::ServerUnaryReactor* DeviceFace::SetDeviceState(
    grpc::CallbackServerContext* context,
    const masa::v1::SetDeviceStateRequest* request,
    masa::v1::SetDeviceStateResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return ChangeDevice(
            ours, caller, *request, response,
            [&](const auto& call,
                const auto& key) -> absl::StatusOr<storage::Device> {
              FieldChecker check;
              if (!masa::v1::DeviceState_IsValid(request->state())) {
                check.Fault("state", "is none");
              }
              check.Need("state", request->state() !=
                                      masa::v1::DEVICE_STATE_UNSPECIFIED);
              CheckIsNoTransfer(request->state(), &check);
              MASA_RETURN_IF_ERROR(check.Finish());
              return registry_.SetState(
                  call, key,
                  static_cast<storage::DeviceState>(request->state()));
            });
      });
}

grpc::ServerUnaryReactor* DeviceFace::DeleteDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::DeleteDeviceRequest* request,
    masa::v1::DeleteDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return ChangeDevice(ours, caller, *request, response,
                            [&](const auto& call, const auto& key) {
                              return registry_.Delete(call, key);
                            });
      });
}

grpc::ServerUnaryReactor* DeviceFace::UndeleteDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::UndeleteDeviceRequest* request,
    masa::v1::UndeleteDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return ChangeDevice(ours, caller, *request, response,
                            [&](const auto& call, const auto& key) {
                              return registry_.Undelete(call, key);
                            });
      });
}

grpc::ServerReadReactor<masa::v1::ImportDevicesRequest>*
DeviceFace::ImportDevices(grpc::CallbackServerContext* context,
                          masa::v1::ImportDevicesResponse* response) {
  return ServeImport(context, serving_, registry_, response);
}

grpc::ServerUnaryReactor* DeviceFace::GetImport(
    grpc::CallbackServerContext* context,
    const masa::v1::GetImportRequest* request,
    masa::v1::GetImportResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const auto progress =
            registry_.GetImport(ours, caller, request->import_id());
        MASA_RETURN_IF_ERROR(AtImportId(progress.status(), "import_id"));
        *response->mutable_progress() = ProgressOf(*progress);
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<masa::v1::ExportDevicesResponse>*
DeviceFace::ExportDevices(grpc::CallbackServerContext* context,
                          const masa::v1::ExportDevicesRequest* request) {
  using Response = masa::v1::ExportDevicesResponse;
  constexpr int kPage = 1000;
  const auto asked = std::make_shared<masa::v1::ExportDevicesRequest>(*request);
  const auto ended = std::make_shared<bool>(false);
  return rpc::ServePages<Response>(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller)
          -> absl::StatusOr<std::vector<Response>> {
        if (*ended) {
          return std::vector<Response>();
        }
        const DeviceQuery query = QueryOf(caller, *asked);
        MASA_ASSIGN_OR_RETURN(const auto after,
                              PlaceOf(query, asked->page_token()));
        MASA_ASSIGN_OR_RETURN(
            const auto page,
            registry_.List(ours, caller, query.listing, after, kPage));
        Response response;
        response.set_next_page_token(
            AddPage(query, caller, page, response.mutable_devices()));
        asked->set_page_token(response.next_page_token());
        *ended = response.next_page_token().empty();
        return std::vector<Response>{std::move(response)};
      });
}

grpc::ServerUnaryReactor* DeviceFace::AssignDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::AssignDevicesRequest* request,
    masa::v1::AssignDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(auto call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            transfers_.Assign(call, keys, request->organization_id()));
        FillOutcomes(outcome, serving_, ours, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::BlockDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::BlockDevicesRequest* request,
    masa::v1::BlockDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(auto call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(const auto outcome,
                              transfers_.Block(call, keys, request->lift()));
        FillOutcomes(outcome, serving_, ours, response);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
