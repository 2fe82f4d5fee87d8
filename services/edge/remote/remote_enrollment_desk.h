// The enrolment desk of an edge that runs apart: every request goes to an
// authority over gRPC. Thread-safe. Outlives the calls that it took.
#ifndef SERVICES_EDGE_REMOTE_REMOTE_ENROLLMENT_DESK_H_
#define SERVICES_EDGE_REMOTE_REMOTE_ENROLLMENT_DESK_H_

#include <memory>
#include <vector>

#include "proto/masa/v1/est.grpc.pb.h"
#include "services/issuance/enrollment_desk.h"

namespace masa::edge {

class RemoteEnrollmentDesk final : public issuance::EnrollmentDesk {
 public:
  explicit RemoteEnrollmentDesk(
      const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::EnrollmentService::NewStub(channel)) {}

  // The authority's reasons arrive unchanged; kOverloaded when none answers.
  // Does not block.
  void Ask(std::vector<issuance::PendingEst> calls) override;

 private:
  std::unique_ptr<masa::v1::EnrollmentService::Stub> stub_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REMOTE_REMOTE_ENROLLMENT_DESK_H_
