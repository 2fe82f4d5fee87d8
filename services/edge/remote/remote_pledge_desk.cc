#include "services/edge/remote/remote_pledge_desk.h"

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

issuance::PledgeAnswer AnswerOf(masa::v1::AskPledgeResponse& message) {
  issuance::PledgeAnswer answer;
  answer.content_type = message.content_type();
  answer.body = std::move(*message.mutable_voucher());
  answer.location = message.location();
  return answer;
}

}  // namespace

void RemotePledgeDesk::Ask(std::vector<issuance::PendingPledge> calls) {
  // What gRPC works with until it has the answer.
  struct Flight {
    grpc::ClientContext context;
    masa::v1::AskPledgeRequest request;
    masa::v1::AskPledgeResponse response;
    issuance::PendingPledge pending;
  };
  for (issuance::PendingPledge& one : calls) {
    auto flight = std::make_shared<Flight>();
    rpc::Carry(one.call.context, &flight->context);
    flight->request = MessageOf(one.call);
    flight->pending = std::move(one);
    stub_->async()->AskPledge(
        &flight->context, &flight->request, &flight->response,
        [flight](const grpc::Status& status) {
          const absl::Status outcome = rpc::FromGrpc(status, Unreachable());
          flight->pending.respond(outcome.ok()
                                      ? absl::StatusOr<issuance::PledgeAnswer>(
                                            AnswerOf(flight->response))
                                      : outcome);
        });
  }
}

}  // namespace masa::edge
