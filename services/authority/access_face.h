// masa.v1.AccessService and DomainCertService on the `api` listener: translate,
// call the desk, translate back.
#ifndef SERVICES_AUTHORITY_ACCESS_FACE_H_
#define SERVICES_AUTHORITY_ACCESS_FACE_H_

#include <string>

#include "proto/masa/v1/access.grpc.pb.h"
#include "services/issuance/group_desk.h"
#include "services/issuance/noted_reads.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class AccessFace final : public masa::v1::AccessService::CallbackService {
 public:
  // All outlive this. The names of accounts that operators list are noted.
  AccessFace(issuance::GroupDesk& desk, issuance::ReadNotes& notes,
             const rpc::Serving& serving)
      : desk_(desk), notes_(notes), serving_(serving) {}

  grpc::ServerUnaryReactor* ListAccessBindings(
      grpc::CallbackServerContext* context,
      const masa::v1::ListAccessBindingsRequest* request,
      masa::v1::ListAccessBindingsResponse* response) override;
  grpc::ServerUnaryReactor* CreateAccessBinding(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateAccessBindingRequest* request,
      masa::v1::CreateAccessBindingResponse* response) override;
  grpc::ServerUnaryReactor* DeleteAccessBinding(
      grpc::CallbackServerContext* context,
      const masa::v1::DeleteAccessBindingRequest* request,
      masa::v1::DeleteAccessBindingResponse* response) override;
  grpc::ServerUnaryReactor* TestPermissions(
      grpc::CallbackServerContext* context,
      const masa::v1::TestPermissionsRequest* request,
      masa::v1::TestPermissionsResponse* response) override;

 private:
  issuance::GroupDesk& desk_;
  issuance::ReadNotes& notes_;
  const rpc::Serving serving_;
};

class DomainCertFace final
    : public masa::v1::DomainCertService::CallbackService {
 public:
  // Both outlive this.
  DomainCertFace(issuance::GroupDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetDomainCert(
      grpc::CallbackServerContext* context,
      const masa::v1::GetDomainCertRequest* request,
      masa::v1::GetDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* ListDomainCerts(
      grpc::CallbackServerContext* context,
      const masa::v1::ListDomainCertsRequest* request,
      masa::v1::ListDomainCertsResponse* response) override;
  grpc::ServerUnaryReactor* ListExpiringDomainCerts(
      grpc::CallbackServerContext* context,
      const masa::v1::ListExpiringDomainCertsRequest* request,
      masa::v1::ListExpiringDomainCertsResponse* response) override;
  grpc::ServerUnaryReactor* CreateDomainCert(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateDomainCertRequest* request,
      masa::v1::CreateDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* RotateDomainCert(
      grpc::CallbackServerContext* context,
      const masa::v1::RotateDomainCertRequest* request,
      masa::v1::RotateDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* DeleteDomainCert(
      grpc::CallbackServerContext* context,
      const masa::v1::DeleteDomainCertRequest* request,
      masa::v1::DeleteDomainCertResponse* response) override;

 private:
  absl::Status Read(const issuance::GroupCall& call, const std::string& id,
                    masa::v1::DomainCert* message);

  issuance::GroupDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_ACCESS_FACE_H_
