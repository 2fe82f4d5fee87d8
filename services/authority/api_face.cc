#include "services/authority/api_face.h"

#include "services/authority/convert.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/media_type.h"

namespace masa::authority {
namespace {

using identity::Principal;

storage::OnConflict ConflictOf(
    masa::v1::ImportDevicesRequest::OnConflict on_conflict) {
  switch (on_conflict) {
    case masa::v1::ImportDevicesRequest::ON_CONFLICT_SKIP:
      return storage::OnConflict::kSkip;
    case masa::v1::ImportDevicesRequest::ON_CONFLICT_UPDATE:
      return storage::OnConflict::kUpdate;
    default:
      return storage::OnConflict::kFail;
  }
}

void Count(const absl::StatusOr<storage::ImportOutcome>& outcome,
           masa::v1::ImportDevicesResponse* response) {
  if (!outcome.ok()) {
    response->set_failed(response->failed() + 1);
    return;
  }
  switch (*outcome) {
    case storage::ImportOutcome::kCreated:
      response->set_created(response->created() + 1);
      return;
    case storage::ImportOutcome::kSkipped:
      response->set_skipped(response->skipped() + 1);
      return;
    case storage::ImportOutcome::kUpdated:
      response->set_updated(response->updated() + 1);
      return;
  }
}

// Items that do not translate fail alone; the others go on together.
absl::Status Import(issuance::OperatorDesk& desk, const RequestContext& context,
                    const Principal& caller,
                    const masa::v1::ImportDevicesRequest& request,
                    masa::v1::ImportDevicesResponse* response) {
  std::vector<storage::Device> devices;
  std::vector<absl::Status> refused;  // one per item; OK: goes on
  for (const masa::v1::Device& message : request.devices()) {
    const auto device = DeviceOf(message);
    refused.push_back(device.status());
    if (device.ok()) {
      devices.push_back(*device);
    }
  }
  std::vector<absl::StatusOr<storage::ImportOutcome>> imported;
  if (!devices.empty()) {
    MASA_ASSIGN_OR_RETURN(
        imported, desk.ImportDevices(context, caller, devices,
                                     ConflictOf(request.on_conflict())));
  }
  auto next = imported.begin();
  for (const absl::Status& status : refused) {
    const absl::StatusOr<storage::ImportOutcome> outcome =
        status.ok() ? *next++ : status;
    *response->add_outcomes() = OutcomeOf(outcome.status());
    Count(outcome, response);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<storage::DeviceKey>> KeysOf(
    const google::protobuf::RepeatedPtrField<masa::v1::DeviceKey>& messages) {
  std::vector<storage::DeviceKey> keys;
  for (const masa::v1::DeviceKey& message : messages) {
    MASA_ASSIGN_OR_RETURN(storage::DeviceKey key, KeyOf(message));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

grpc::ServerUnaryReactor* DeviceFace::GetDevice(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDeviceRequest* request,
    masa::v1::GetDeviceResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyOf(request->device()));
        MASA_ASSIGN_OR_RETURN(const auto device,
                              desk_.GetDevice(ours, caller, key));
        *response->mutable_device() = MessageOf(device);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::ListDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ListDevicesRequest* request,
    masa::v1::ListDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        constexpr int kUsualPage = 100;
        const int limit =
            request->page_size() == 0 ? kUsualPage : request->page_size();
        MASA_ASSIGN_OR_RETURN(const auto after, PlaceOf(request->page_token()));
        MASA_ASSIGN_OR_RETURN(
            const auto devices,
            desk_.ListDevices(ours, caller, request->organization_id(), after,
                              limit));
        for (const storage::Device& device : devices) {
          *response->add_devices() = MessageOf(device);
        }
        if (static_cast<int>(devices.size()) == limit) {
          response->set_next_page_token(TokenOf(devices.back()));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::ImportDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ImportDevicesRequest* request,
    masa::v1::ImportDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DeviceService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return Import(desk_, ours, caller, *request, response);
      });
}

grpc::ServerUnaryReactor* DeviceFace::AssignDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::AssignDevicesRequest* request,
    masa::v1::AssignDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(const auto assigned,
                              desk_.AssignDevices(ours, caller, keys,
                                                  request->organization_id()));
        for (const auto& device : assigned) {
          *response->add_outcomes() = OutcomeOf(device.status());
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DeviceFace::BlockDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::BlockDevicesRequest* request,
    masa::v1::BlockDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DeviceService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(
            const auto blocked,
            desk_.BlockDevices(ours, caller, keys, request->lift()));
        for (const auto& device : blocked) {
          *response->add_outcomes() = OutcomeOf(device.status());
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherFace::IssueVoucher(
    grpc::CallbackServerContext* context,
    const masa::v1::IssueVoucherRequest* request,
    masa::v1::IssueVoucherResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::VoucherService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto committed,
                              desk_.IssueVoucher(ours, caller, order));
        const storage::IssuedVoucher& issued = committed.voucher;
        response->set_voucher_id(UuidText(issued.voucher_id));
        response->set_voucher(issued.voucher);
        response->set_media_type(std::string(wire::MediaTypeOf(issued.format)));
        *response->mutable_created_on() = TimestampOf(issued.created_on);
        if (issued.expires_on) {
          *response->mutable_expires_on() = TimestampOf(*issued.expires_on);
        }
        response->set_signing_key(issued.signing_key);
        response->set_audit_event_id(UuidText(issued.audit_event_id));
        response->set_replayed(committed.replayed);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::GetDeviceAuditLog(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDeviceAuditLogRequest* request,
    masa::v1::GetDeviceAuditLogResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AuditService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyOf(request->device()));
        MASA_ASSIGN_OR_RETURN(const auto vouchers,
                              desk_.ListVouchers(ours, caller, key));
        for (const storage::IssuedVoucher& voucher : vouchers) {
          *response->add_entries() = EntryOf(voucher);
        }
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
