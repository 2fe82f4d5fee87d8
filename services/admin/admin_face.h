// masa.v1.AdminService on the listener `admin.rpc`: admits operators alone,
// translates, calls the desk, translates back.
#ifndef SERVICES_ADMIN_ADMIN_FACE_H_
#define SERVICES_ADMIN_ADMIN_FACE_H_

#include "proto/masa/v1/admin.grpc.pb.h"
#include "services/admin/admin_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::admin {

class AdminFace final : public masa::v1::AdminService::CallbackService {
 public:
  // Both outlive this.
  AdminFace(AdminDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetBuildInfo(
      grpc::CallbackServerContext* context,
      const masa::v1::GetBuildInfoRequest* request,
      masa::v1::GetBuildInfoResponse* response) override;
  grpc::ServerUnaryReactor* GetConfig(
      grpc::CallbackServerContext* context,
      const masa::v1::GetConfigRequest* request,
      masa::v1::GetConfigResponse* response) override;
  grpc::ServerUnaryReactor* ReloadConfig(
      grpc::CallbackServerContext* context,
      const masa::v1::ReloadConfigRequest* request,
      masa::v1::ReloadConfigResponse* response) override;
  grpc::ServerUnaryReactor* GetLogLevel(
      grpc::CallbackServerContext* context,
      const masa::v1::GetLogLevelRequest* request,
      masa::v1::GetLogLevelResponse* response) override;
  grpc::ServerUnaryReactor* SetLogLevel(
      grpc::CallbackServerContext* context,
      const masa::v1::SetLogLevelRequest* request,
      masa::v1::SetLogLevelResponse* response) override;
  grpc::ServerUnaryReactor* Drain(grpc::CallbackServerContext* context,
                                  const masa::v1::DrainRequest* request,
                                  masa::v1::DrainResponse* response) override;
  grpc::ServerUnaryReactor* Undrain(
      grpc::CallbackServerContext* context,
      const masa::v1::UndrainRequest* request,
      masa::v1::UndrainResponse* response) override;
  grpc::ServerUnaryReactor* RunSelfTest(
      grpc::CallbackServerContext* context,
      const masa::v1::RunSelfTestRequest* request,
      masa::v1::RunSelfTestResponse* response) override;

 private:
  // `body` is called for operators alone.
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                  rpc::Handler body);

  AdminDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::admin

#endif  // SERVICES_ADMIN_ADMIN_FACE_H_
