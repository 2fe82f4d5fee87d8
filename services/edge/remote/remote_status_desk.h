// The status desk of an edge that runs apart: what is not at hand is asked of
// an authority over gRPC. Thread-safe; blocks.
#ifndef SERVICES_EDGE_REMOTE_REMOTE_STATUS_DESK_H_
#define SERVICES_EDGE_REMOTE_REMOTE_STATUS_DESK_H_

#include <memory>
#include <string>

#include "proto/masa/v1/est.grpc.pb.h"
#include "services/issuance/status_desk.h"

namespace masa::edge {

class RemoteStatusDesk final : public issuance::StatusDesk {
 public:
  explicit RemoteStatusDesk(
      const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::CertificateStatusService::NewStub(channel)) {}

  // The authority's reasons arrive unchanged; kOverloaded when none answers.
  absl::StatusOr<issuance::StatusAnswer> Crl(
      const RequestContext& context, const std::string& host,
      const std::string& profile) override;
  absl::StatusOr<issuance::StatusAnswer> Ocsp(
      const RequestContext& context, const std::string& request_der) override;

 private:
  std::unique_ptr<masa::v1::CertificateStatusService::Stub> stub_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REMOTE_REMOTE_STATUS_DESK_H_
