// CertificateService for operators, on the listener `api`. No rule lives here.
#ifndef SERVICES_AUTHORITY_CERTIFICATE_FACE_H_
#define SERVICES_AUTHORITY_CERTIFICATE_FACE_H_

#include "proto/masa/v1/certificate.grpc.pb.h"
#include "services/issuance/certificate_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it.
class CertificateFace final
    : public masa::v1::CertificateService::CallbackService {
 public:
  CertificateFace(issuance::CertificateDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetCertificate(
      grpc::CallbackServerContext* context,
      const masa::v1::GetCertificateRequest* request,
      masa::v1::GetCertificateResponse* response) override;
  grpc::ServerUnaryReactor* ListCertificates(
      grpc::CallbackServerContext* context,
      const masa::v1::ListCertificatesRequest* request,
      masa::v1::ListCertificatesResponse* response) override;
  grpc::ServerUnaryReactor* RevokeCertificate(
      grpc::CallbackServerContext* context,
      const masa::v1::RevokeCertificateRequest* request,
      masa::v1::RevokeCertificateResponse* response) override;
  grpc::ServerUnaryReactor* CreateEnrollmentToken(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateEnrollmentTokenRequest* request,
      masa::v1::CreateEnrollmentTokenResponse* response) override;

 private:
  template <typename Body>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                  Body body) {
    return rpc::ServeUnary(context, serving_,
                           masa::v1::CertificateService::service_full_name(),
                           std::move(body));
  }

  issuance::CertificateDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_CERTIFICATE_FACE_H_
