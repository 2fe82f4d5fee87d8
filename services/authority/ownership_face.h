// masa.v1.OwnershipService on the `api` listener: translates, calls the desk,
// translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_OWNERSHIP_FACE_H_
#define SERVICES_AUTHORITY_OWNERSHIP_FACE_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "services/authority/ownership_watch.h"
#include "services/issuance/resolve_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class OwnershipFace final : public masa::v1::OwnershipService::CallbackService {
 public:
  // All outlive this. Where a single question is asked the desk does not
  // block.
  OwnershipFace(issuance::ResolveDesk& desk, issuance::WatchDesk& watches,
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

  grpc::ServerBidiReactor<masa::v1::StreamResolveOwnershipRequest,
                          masa::v1::StreamResolveOwnershipResponse>*
  StreamResolveOwnership(grpc::CallbackServerContext* context) override;

 private:
  issuance::ResolveDesk& desk_;
  issuance::WatchDesk& watches_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_OWNERSHIP_FACE_H_
