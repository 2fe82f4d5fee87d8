#include "services/edge/remote/remote_registrar_desk.h"

#include <memory>
#include <utility>

#include "services/edge/remote/flight.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/macros.h"

namespace masa::edge {
namespace {

masa::v1::RegistrarCall MessageOf(const issuance::RegistrarCall& call) {
  masa::v1::RegistrarCall message;
  message.set_host(call.host);
  message.set_content_type(call.content_type);
  message.set_accept(call.accept);
  message.set_body(call.body);
  for (const std::string& der : call.tls_peer_chain_der) {
    message.add_tls_peer_chain_der(der);
  }
  message.set_request_id(call.context.request_id);
  message.set_traceparent(call.context.traceparent);
  message.set_authorization(call.authorization);
  message.set_fossil_path(call.fossil_path);
  for (const std::string& der : call.evidence.crls_der) {
    message.add_crls_der(der);
  }
  for (const std::string& der : call.evidence.ocsp_responses_der) {
    message.add_ocsp_responses_der(der);
  }
  return message;
}

issuance::RegistrarAnswer TakeAnswerOf(
    masa::v1::RequestVoucherResponse& message) {
  return {message.content_type(), std::move(*message.mutable_voucher())};
}

}  // namespace

void RemoteRegistrarDesk::RequestVouchers(
    std::vector<issuance::PendingCall> calls) {
  using Call = Flight<masa::v1::RequestVoucherRequest,
                      masa::v1::RequestVoucherResponse, issuance::PendingCall>;
  for (issuance::PendingCall& one : calls) {
    auto flight = std::make_shared<Call>(std::move(one));
    *flight->request.mutable_call() = MessageOf(flight->pending.call);
    Call& call = *flight;
    stub_->async()->RequestVoucher(&call.context, &call.request, &call.response,
                                   Landing(std::move(flight), TakeAnswerOf));
  }
}

absl::StatusOr<issuance::RegistrarAnswer> RemoteRegistrarDesk::RequestAuditLog(
    const issuance::RegistrarCall& call) {
  grpc::ClientContext context;
  rpc::Carry(call.context, &context);
  masa::v1::RequestAuditLogRequest request;
  *request.mutable_call() = MessageOf(call);
  masa::v1::RequestAuditLogResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(
      stub_->RequestAuditLog(&context, request, &response), Unreachable()));
  return issuance::RegistrarAnswer{response.content_type(),
                                   std::move(*response.mutable_audit_log())};
}

}  // namespace masa::edge
