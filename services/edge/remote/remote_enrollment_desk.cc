#include "services/edge/remote/remote_enrollment_desk.h"

#include <utility>

#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

absl::Status Unreachable() {
  return Refuse(Reason::kOverloaded,
                "the service cannot answer at the moment; retry");
}

masa::v1::AskEstRequest MessageOf(const issuance::EstCall& call) {
  masa::v1::AskEstRequest message;
  // The numbers agree.
  message.set_operation(static_cast<masa::v1::EstOperation>(call.operation));
  message.set_host(call.host);
  message.set_label(call.label);
  message.set_content_type(call.content_type);
  message.set_body(call.body);
  for (const std::string& der : call.tls_peer_chain_der) {
    message.add_tls_peer_chain_der(der);
  }
  message.set_authorization(call.authorization);
  message.set_channel_binding(call.channel_binding);
  message.set_request_id(call.context.request_id);
  message.set_traceparent(call.context.traceparent);
  return message;
}

// Takes the key out of the message.
issuance::EstAnswer TakeAnswerOf(masa::v1::AskEstResponse& message) {
  issuance::EstAnswer answer;
  answer.certificates_der.assign(message.certificates_der().begin(),
                                 message.certificates_der().end());
  answer.csr_attributes_der = message.csr_attributes_der();
  if (!message.private_key_der().empty()) {
    answer.private_key_der = std::make_shared<const wire::SecretOctets>(
        std::move(*message.mutable_private_key_der()));
  }
  return answer;
}

}  // namespace

void RemoteEnrollmentDesk::Ask(std::vector<issuance::PendingEst> calls) {
  // What gRPC works with until it has the answer.
  struct Flight {
    grpc::ClientContext context;
    masa::v1::AskEstRequest request;
    masa::v1::AskEstResponse response;
    issuance::PendingEst pending;
  };
  for (issuance::PendingEst& one : calls) {
    auto flight = std::make_shared<Flight>();
    rpc::Carry(one.call.context, &flight->context);
    flight->request = MessageOf(one.call);
    flight->pending = std::move(one);
    stub_->async()->AskEst(
        &flight->context, &flight->request, &flight->response,
        [flight](const grpc::Status& status) {
          const absl::Status outcome = rpc::FromGrpc(status, Unreachable());
          flight->pending.respond(outcome.ok()
                                      ? absl::StatusOr<issuance::EstAnswer>(
                                            TakeAnswerOf(flight->response))
                                      : outcome);
        });
  }
}

}  // namespace masa::edge
