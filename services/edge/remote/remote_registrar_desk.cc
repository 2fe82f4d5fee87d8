#include "services/edge/remote/remote_registrar_desk.h"

#include <memory>
#include <utility>

#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

absl::Status Unreachable() {
  return Refuse(Reason::kOverloaded,
                "the service cannot answer at the moment; retry");
}

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

}  // namespace

void RemoteRegistrarDesk::RequestVouchers(
    std::vector<issuance::PendingCall> calls) {
  // What gRPC works with until it has the answer.
  struct Flight {
    grpc::ClientContext context;
    masa::v1::RequestVoucherRequest request;
    masa::v1::RequestVoucherResponse response;
    issuance::PendingCall pending;
  };
  for (issuance::PendingCall& one : calls) {
    auto flight = std::make_shared<Flight>();
    rpc::Carry(one.call.context, &flight->context);
    *flight->request.mutable_call() = MessageOf(one.call);
    flight->pending = std::move(one);
    stub_->async()->RequestVoucher(
        &flight->context, &flight->request, &flight->response,
        [flight](const grpc::Status& status) {
          const absl::Status outcome = rpc::FromGrpc(status, Unreachable());
          flight->pending.respond(
              outcome.ok()
                  ? absl::StatusOr<issuance::RegistrarAnswer>(
                        issuance::RegistrarAnswer{
                            flight->response.content_type(),
                            std::move(*flight->response.mutable_voucher())})
                  : outcome);
        });
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
