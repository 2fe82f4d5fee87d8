#include "services/edge/remote/remote_status_desk.h"

#include <utility>

#include "services/edge/remote/flight.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/macros.h"

namespace masa::edge {
namespace {

template <typename Response>
absl::Time EndOf(const Response& response) {
  return response.has_next_update()
             ? absl::FromUnixSeconds(response.next_update().seconds())
             : absl::InfinitePast();
}

}  // namespace

absl::StatusOr<issuance::StatusAnswer> RemoteStatusDesk::Crl(
    const RequestContext& context, const std::string& host,
    const std::string& profile) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::GetCrlRequest request;
  request.set_host(host);
  request.set_profile(profile);
  request.set_request_id(context.request_id);
  masa::v1::GetCrlResponse response;
  MASA_RETURN_IF_ERROR(
      rpc::FromGrpc(stub_->GetCrl(&call, request, &response), Unreachable()));
  return issuance::StatusAnswer{std::move(*response.mutable_crl_der()),
                                EndOf(response)};
}

absl::StatusOr<issuance::StatusAnswer> RemoteStatusDesk::Ocsp(
    const RequestContext& context, const std::string& request_der) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::GetOcspResponseRequest request;
  request.set_request_der(request_der);
  request.set_request_id(context.request_id);
  masa::v1::GetOcspResponseResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(
      stub_->GetOcspResponse(&call, request, &response), Unreachable()));
  return issuance::StatusAnswer{std::move(*response.mutable_response_der()),
                                EndOf(response)};
}

}  // namespace masa::edge
