#include "services/edge/remote/remote_enrollment_desk.h"

#include <utility>

#include "services/edge/remote/flight.h"

namespace masa::edge {
namespace {

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
  using Call = Flight<masa::v1::AskEstRequest, masa::v1::AskEstResponse,
                      issuance::PendingEst>;
  for (issuance::PendingEst& one : calls) {
    auto flight = std::make_shared<Call>(std::move(one));
    flight->request = MessageOf(flight->pending.call);
    Call& call = *flight;
    stub_->async()->AskEst(&call.context, &call.request, &call.response,
                           Landing(std::move(flight), TakeAnswerOf));
  }
}

}  // namespace masa::edge
