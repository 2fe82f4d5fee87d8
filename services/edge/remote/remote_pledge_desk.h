// The pledge desk of an edge that runs apart: every request goes to an
// authority over gRPC. Thread-safe. Outlives the calls that it took.
#ifndef SERVICES_EDGE_REMOTE_REMOTE_PLEDGE_DESK_H_
#define SERVICES_EDGE_REMOTE_REMOTE_PLEDGE_DESK_H_

#include <memory>
#include <vector>

#include "proto/masa/v1/pledge.grpc.pb.h"
#include "services/issuance/pledge_desk.h"

namespace masa::edge {

class RemotePledgeDesk final : public issuance::PledgeDesk {
 public:
  explicit RemotePledgeDesk(
      const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::PledgeService::NewStub(channel)) {}

  // The authority's reasons arrive unchanged; kOverloaded when none answers.
  // Does not block.
  void Ask(std::vector<issuance::PendingPledge> calls) override;

 private:
  std::unique_ptr<masa::v1::PledgeService::Stub> stub_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REMOTE_REMOTE_PLEDGE_DESK_H_
