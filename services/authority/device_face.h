// masa.v1.DeviceService on the `api` listener: translates, calls the desks,
// translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_DEVICE_FACE_H_
#define SERVICES_AUTHORITY_DEVICE_FACE_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/registry_desk.h"
#include "services/issuance/transfer_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it.
class DeviceFace final : public masa::v1::DeviceService::CallbackService {
 public:
  DeviceFace(issuance::OperatorDesk& desk, issuance::RegistryDesk& registry,
             issuance::TransferDesk& transfers, const rpc::Serving& serving)
      : desk_(desk),
        registry_(registry),
        transfers_(transfers),
        serving_(serving) {}

  grpc::ServerUnaryReactor* GetDevice(
      grpc::CallbackServerContext* context,
      const masa::v1::GetDeviceRequest* request,
      masa::v1::GetDeviceResponse* response) override;
  grpc::ServerUnaryReactor* BatchGetDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::BatchGetDevicesRequest* request,
      masa::v1::BatchGetDevicesResponse* response) override;
  grpc::ServerUnaryReactor* ListDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::ListDevicesRequest* request,
      masa::v1::ListDevicesResponse* response) override;
  grpc::ServerUnaryReactor* CreateDevice(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateDeviceRequest* request,
      masa::v1::CreateDeviceResponse* response) override;
  grpc::ServerUnaryReactor* BatchCreateDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::BatchCreateDevicesRequest* request,
      masa::v1::BatchCreateDevicesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateDevice(
      grpc::CallbackServerContext* context,
      const masa::v1::UpdateDeviceRequest* request,
      masa::v1::UpdateDeviceResponse* response) override;
  grpc::ServerUnaryReactor* SetDeviceState(
      grpc::CallbackServerContext* context,
      const masa::v1::SetDeviceStateRequest* request,
      masa::v1::SetDeviceStateResponse* response) override;
  grpc::ServerUnaryReactor* DeleteDevice(
      grpc::CallbackServerContext* context,
      const masa::v1::DeleteDeviceRequest* request,
      masa::v1::DeleteDeviceResponse* response) override;
  grpc::ServerUnaryReactor* UndeleteDevice(
      grpc::CallbackServerContext* context,
      const masa::v1::UndeleteDeviceRequest* request,
      masa::v1::UndeleteDeviceResponse* response) override;
  grpc::ServerReadReactor<masa::v1::ImportDevicesRequest>* ImportDevices(
      grpc::CallbackServerContext* context,
      masa::v1::ImportDevicesResponse* response) override;
  grpc::ServerUnaryReactor* GetImport(
      grpc::CallbackServerContext* context,
      const masa::v1::GetImportRequest* request,
      masa::v1::GetImportResponse* response) override;
  grpc::ServerWriteReactor<masa::v1::ExportDevicesResponse>* ExportDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::ExportDevicesRequest* request) override;
  grpc::ServerUnaryReactor* AssignDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::AssignDevicesRequest* request,
      masa::v1::AssignDevicesResponse* response) override;
  grpc::ServerUnaryReactor* BlockDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::BlockDevicesRequest* request,
      masa::v1::BlockDevicesResponse* response) override;

 private:
  issuance::OperatorDesk& desk_;
  issuance::RegistryDesk& registry_;
  issuance::TransferDesk& transfers_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_DEVICE_FACE_H_
