// EnrollmentService and CertificateStatusService for our own edges, on the
// `internal` listener. No rule lives here.
#ifndef SERVICES_AUTHORITY_ENROLLMENT_FACE_H_
#define SERVICES_AUTHORITY_ENROLLMENT_FACE_H_

#include "proto/masa/v1/est.grpc.pb.h"
#include "services/issuance/enrollment_desk.h"
#include "services/issuance/status_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it; the desk does not block.
class EnrollmentFace final
    : public masa::v1::EnrollmentService::CallbackService {
 public:
  EnrollmentFace(issuance::EnrollmentDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* AskEst(grpc::CallbackServerContext* context,
                                   const masa::v1::AskEstRequest* request,
                                   masa::v1::AskEstResponse* response) override;

 private:
  issuance::EnrollmentDesk& desk_;
  const rpc::Serving serving_;
};

// Holds references that outlive it.
class CertificateStatusFace final
    : public masa::v1::CertificateStatusService::CallbackService {
 public:
  CertificateStatusFace(issuance::StatusDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetCrl(grpc::CallbackServerContext* context,
                                   const masa::v1::GetCrlRequest* request,
                                   masa::v1::GetCrlResponse* response) override;
  grpc::ServerUnaryReactor* GetOcspResponse(
      grpc::CallbackServerContext* context,
      const masa::v1::GetOcspResponseRequest* request,
      masa::v1::GetOcspResponseResponse* response) override;

 private:
  issuance::StatusDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_ENROLLMENT_FACE_H_
