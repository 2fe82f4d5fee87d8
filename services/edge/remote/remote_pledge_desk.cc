#include "services/edge/remote/remote_pledge_desk.h"

#include <utility>

#include "services/edge/remote/flight.h"

namespace masa::edge {
namespace {

masa::v1::AskPledgeRequest MessageOf(const issuance::PledgeCall& call) {
  masa::v1::AskPledgeRequest message;
  // The numbers agree.
  message.set_operation(static_cast<masa::v1::PledgeOperation>(call.operation));
  message.set_host(call.host);
  message.set_content_type(call.content_type);
  message.set_accept(call.accept);
  message.set_body(call.body);
  for (const std::string& der : call.tls_peer_chain_der) {
    message.add_tls_peer_chain_der(der);
  }
  message.set_tls_server_cert_der(call.tls_server_cert_der);
  message.set_request_id(call.context.request_id);
  message.set_traceparent(call.context.traceparent);
  return message;
}

issuance::PledgeAnswer TakeAnswerOf(masa::v1::AskPledgeResponse& message) {
  issuance::PledgeAnswer answer;
  answer.content_type = message.content_type();
  answer.body = std::move(*message.mutable_voucher());
  answer.location = message.location();
  return answer;
}

}  // namespace

void RemotePledgeDesk::Ask(std::vector<issuance::PendingPledge> calls) {
  using Call = Flight<masa::v1::AskPledgeRequest, masa::v1::AskPledgeResponse,
                      issuance::PendingPledge>;
  for (issuance::PendingPledge& one : calls) {
    auto flight = std::make_shared<Call>(std::move(one));
    flight->request = MessageOf(flight->pending.call);
    Call& call = *flight;
    stub_->async()->AskPledge(&call.context, &call.request, &call.response,
                              Landing(std::move(flight), TakeAnswerOf));
  }
}

}  // namespace masa::edge
