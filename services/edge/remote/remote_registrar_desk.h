// The desk of an edge that runs apart: every request goes to an authority over
// gRPC. Thread-safe. Outlives the calls that it took.
#ifndef SERVICES_EDGE_REMOTE_REMOTE_REGISTRAR_DESK_H_
#define SERVICES_EDGE_REMOTE_REMOTE_REGISTRAR_DESK_H_

#include <memory>
#include <vector>

#include "proto/masa/v1/registrar.grpc.pb.h"
#include "services/issuance/registrar_desk.h"

namespace masa::edge {

class RemoteRegistrarDesk final : public issuance::RegistrarDesk {
 public:
  explicit RemoteRegistrarDesk(
      const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::RegistrarService::NewStub(channel)) {}

  // The authority's reasons arrive unchanged; kOverloaded when none answers.
  // Does not block.
  void RequestVouchers(std::vector<issuance::PendingCall> calls) override;
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall& call) override;

 private:
  std::unique_ptr<masa::v1::RegistrarService::Stub> stub_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REMOTE_REMOTE_REGISTRAR_DESK_H_
