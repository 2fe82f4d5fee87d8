// What a connection asks of the desk for pledges.
#include <boost/asio/post.hpp>
#include <utility>

#include "services/edge/connection.h"
#include "services/edge/http_request.h"
#include "services/edge/pledge_routes.h"

namespace masa::edge {

namespace net = boost::asio;

void Connection::AskForPledge(issuance::PledgeOperation operation) {
  if (shared_.pledges == nullptr) {
    return Send(PlainAnswer(404, "there is no resource at this path"),
                absl::OkStatus(), keep_alive_);
  }
  // The desk has its own deadline; the socket has none meanwhile.
  Enter(Phase::kDesk, absl::InfiniteDuration());
  issuance::RegistrarCall taken = TakeCall(false);
  issuance::PledgeCall call;
  call.context = std::move(taken.context);
  call.operation = operation;
  call.host = std::move(taken.host);
  call.content_type = std::move(taken.content_type);
  call.accept = std::move(taken.accept);
  call.body = std::move(taken.body);
  call.tls_peer_chain_der = std::move(taken.tls_peer_chain_der);
  call.tls_server_cert_der = OwnCertificateOf(tls_.ssl());
  std::vector<issuance::PendingPledge> calls;
  calls.push_back(
      {std::move(call), [self = shared_from_this(), operation](auto result) {
         const Loop loop = self->socket_.get_executor();
         net::post(loop,
                   [self, operation, result = std::move(result)]() mutable {
                     self->OnPledgeAnswer(operation, std::move(result));
                   });
       }});
  shared_.pledges->Ask(std::move(calls));
}

void Connection::OnPledgeAnswer(issuance::PledgeOperation operation,
                                absl::StatusOr<issuance::PledgeAnswer> result) {
  if (result.ok()) {
    return Send(PledgeAnswerOf(*std::move(result)), absl::OkStatus(),
                keep_alive_);
  }
  bool ends = false;
  const Answer refusal = PledgeErrorOf(operation, result.status(),
                                       shared_.options.retry_after, &ends);
  Send(refusal, result.status(), keep_alive_ && !ends);
}

}  // namespace masa::edge
