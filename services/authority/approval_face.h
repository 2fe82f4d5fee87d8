// masa.v1.ApprovalService on the `api` listener: translates, calls the desk,
// translates back.
#ifndef SERVICES_AUTHORITY_APPROVAL_FACE_H_
#define SERVICES_AUTHORITY_APPROVAL_FACE_H_

#include "proto/masa/v1/approval.grpc.pb.h"
#include "services/issuance/claim_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class ApprovalFace final : public masa::v1::ApprovalService::CallbackService {
 public:
  // Both outlive this.
  ApprovalFace(issuance::ClaimDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* ListClaims(
      grpc::CallbackServerContext* context,
      const masa::v1::ListClaimsRequest* request,
      masa::v1::ListClaimsResponse* response) override;
  grpc::ServerUnaryReactor* DecideClaim(
      grpc::CallbackServerContext* context,
      const masa::v1::DecideClaimRequest* request,
      masa::v1::DecideClaimResponse* response) override;

 private:
  issuance::ClaimDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_APPROVAL_FACE_H_
