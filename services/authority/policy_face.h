// masa.v1.PolicyService on the `api` listener: translates, calls the desk,
// translates back.
#ifndef SERVICES_AUTHORITY_POLICY_FACE_H_
#define SERVICES_AUTHORITY_POLICY_FACE_H_

#include "proto/masa/v1/policy_service.grpc.pb.h"
#include "services/issuance/policy_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class PolicyFace final : public masa::v1::PolicyService::CallbackService {
 public:
  // Both outlive this.
  PolicyFace(issuance::PolicyDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetTenant(
      grpc::CallbackServerContext* context,
      const masa::v1::GetTenantRequest* request,
      masa::v1::GetTenantResponse* response) override;
  grpc::ServerUnaryReactor* UpdateTenant(
      grpc::CallbackServerContext* context,
      const masa::v1::UpdateTenantRequest* request,
      masa::v1::UpdateTenantResponse* response) override;
  grpc::ServerUnaryReactor* ListProducts(
      grpc::CallbackServerContext* context,
      const masa::v1::ListProductsRequest* request,
      masa::v1::ListProductsResponse* response) override;
  grpc::ServerUnaryReactor* GetProduct(
      grpc::CallbackServerContext* context,
      const masa::v1::GetProductRequest* request,
      masa::v1::GetProductResponse* response) override;
  grpc::ServerUnaryReactor* UpdateProduct(
      grpc::CallbackServerContext* context,
      const masa::v1::UpdateProductRequest* request,
      masa::v1::UpdateProductResponse* response) override;
  grpc::ServerUnaryReactor* BlockDomain(
      grpc::CallbackServerContext* context,
      const masa::v1::BlockDomainRequest* request,
      masa::v1::BlockDomainResponse* response) override;
  grpc::ServerUnaryReactor* SetRegistrarAuthentication(
      grpc::CallbackServerContext* context,
      const masa::v1::SetRegistrarAuthenticationRequest* request,
      masa::v1::SetRegistrarAuthenticationResponse* response) override;
  grpc::ServerUnaryReactor* SetEndlessVouchers(
      grpc::CallbackServerContext* context,
      const masa::v1::SetEndlessVouchersRequest* request,
      masa::v1::SetEndlessVouchersResponse* response) override;

 private:
  template <typename Body>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                  Body body);

  issuance::PolicyDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_POLICY_FACE_H_
