// masa.v1.OwnershipService on the `api` listener: translates, calls the desk,
// translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_OWNERSHIP_FACE_H_
#define SERVICES_AUTHORITY_OWNERSHIP_FACE_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "services/authority/ownership_watch.h"
#include "services/issuance/operator_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class OwnershipFace final : public masa::v1::OwnershipService::CallbackService {
 public:
  // All outlive this.
  OwnershipFace(issuance::OperatorDesk& desk, issuance::WatchDesk& watches,
                const rpc::Serving& serving)
      : desk_(desk), watches_(watches), serving_(serving) {}

  grpc::ServerUnaryReactor* ResolveOwnership(
      grpc::CallbackServerContext* context,
      const masa::v1::ResolveOwnershipRequest* request,
      masa::v1::ResolveOwnershipResponse* response) override;
  grpc::ServerUnaryReactor* ResolveOwnerships(
      grpc::CallbackServerContext* context,
      const masa::v1::ResolveOwnershipsRequest* request,
      masa::v1::ResolveOwnershipsResponse* response) override;
  grpc::ServerWriteReactor<masa::v1::WatchOwnershipChangesResponse>*
  WatchOwnershipChanges(
      grpc::CallbackServerContext* context,
      const masa::v1::WatchOwnershipChangesRequest* request) override {
    return WatchChanges(context, serving_, watches_, *request);
  }

 private:
  issuance::OperatorDesk& desk_;
  issuance::WatchDesk& watches_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_OWNERSHIP_FACE_H_
