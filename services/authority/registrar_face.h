// RegistrarService for our own edges, on the `internal` listener. No rule lives
// here.
#ifndef SERVICES_AUTHORITY_REGISTRAR_FACE_H_
#define SERVICES_AUTHORITY_REGISTRAR_FACE_H_

#include "proto/masa/v1/registrar.grpc.pb.h"
#include "services/issuance/registrar_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it; the desk does not block where vouchers are
// asked for.
class RegistrarFace final : public masa::v1::RegistrarService::CallbackService {
 public:
  RegistrarFace(issuance::RegistrarDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* RequestVoucher(
      grpc::CallbackServerContext* context,
      const masa::v1::RequestVoucherRequest* request,
      masa::v1::RequestVoucherResponse* response) override;
  grpc::ServerUnaryReactor* RequestAuditLog(
      grpc::CallbackServerContext* context,
      const masa::v1::RequestAuditLogRequest* request,
      masa::v1::RequestAuditLogResponse* response) override;

 private:
  issuance::RegistrarDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_REGISTRAR_FACE_H_
