// PledgeService for our own edges, on the `internal` listener. No rule lives
// here.
#ifndef SERVICES_AUTHORITY_PLEDGE_FACE_H_
#define SERVICES_AUTHORITY_PLEDGE_FACE_H_

#include "proto/masa/v1/pledge.grpc.pb.h"
#include "services/issuance/pledge_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it; the desk does not block.
class PledgeFace final : public masa::v1::PledgeService::CallbackService {
 public:
  PledgeFace(issuance::PledgeDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* AskPledge(
      grpc::CallbackServerContext* context,
      const masa::v1::AskPledgeRequest* request,
      masa::v1::AskPledgeResponse* response) override;

 private:
  issuance::PledgeDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_PLEDGE_FACE_H_
