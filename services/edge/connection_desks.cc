// What a connection asks of its desks, and how it hears of their answers.
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "services/edge/connection.h"
#include "services/edge/http_request.h"
#include "services/status/reason.h"
#include "services/wire/est_messages.h"
#include "services/wire/secret_octets.h"

namespace masa::edge {
namespace {

namespace net = boost::asio;

}  // namespace

issuance::RegistrarCall Connection::TakeCall(bool fossil_path) {
  issuance::RegistrarCall call = TakeCallOf(parser_->get());
  call.context.request_id = record_.request_id;
  call.context.deadline = begin_ + shared_.options.call_time;
  call.host = record_.host;
  call.tls_peer_chain_der = peer_chain_;
  call.fossil_path = fossil_path;
  return call;
}

void Connection::Ask(const Routing& routing) {
  if (routing.pledge.has_value()) {
    return AskForPledge(*routing.pledge);
  }
  routing.est.has_value() ? AskForEnrollment(*routing.est) : AskDesk(routing);
}

void Connection::AskDesk(const Routing& routing) {
  // The desk has its own deadline; the socket has none meanwhile.
  Enter(Phase::kDesk, absl::InfiniteDuration());
  if (routing.route == Route::kRequestVoucher) {
    return AskForVoucher(routing.fossil_path);
  }
  auto call =
      std::make_shared<issuance::RegistrarCall>(TakeCall(routing.fossil_path));
  const bool taken =
      shared_.executor->TrySubmit([self = shared_from_this(), call]() mutable {
        DeskAnswer answer = self->shared_.desk->RequestAuditLog(*call);
        PostDeskAnswer(std::move(self), std::move(answer));
      });
  if (!taken) {
    OnDeskAnswer(Refuse(Reason::kOverloaded,
                        "too many requests are waiting; try again later"));
  }
}

void Connection::AskForVoucher(bool fossil_path) {
  std::vector<issuance::PendingCall> calls;
  calls.push_back({TakeCall(fossil_path),
                   [self = shared_from_this()](DeskAnswer result) mutable {
                     PostDeskAnswer(std::move(self), std::move(result));
                   }});
  shared_.desk->RequestVouchers(std::move(calls));
}

// Back to the loop, from any thread.
void Connection::PostDeskAnswer(std::shared_ptr<Connection> self,
                                DeskAnswer result) {
  const Loop loop = self->socket_.get_executor();
  net::post(loop,
            [self = std::move(self), result = std::move(result)]() mutable {
              self->OnDeskAnswer(std::move(result));
            });
}

void Connection::OnDeskAnswer(DeskAnswer result) {
  if (!result.ok()) {
    const Answer refusal =
        ErrorAnswer(result.status(), shared_.options.retry_after);
    return Send(refusal, result.status(), keep_alive_);
  }
  Answer answer;
  answer.content_type = std::move(result->content_type);
  answer.body = std::move(result->body);
  Send(answer, absl::OkStatus(), keep_alive_);
}

// What the desk says later is shown as this client wants it.
void Connection::AskForEnrollment(const EstRoute& route) {
  if (shared_.enrollment == nullptr) {
    return Send(PlainAnswer(404, "there is no resource at this path"),
                absl::OkStatus(), keep_alive_);
  }
  Enter(Phase::kDesk, absl::InfiniteDuration());
  issuance::EstCall call = TakeEstCallOf(parser_->get());
  call.context.request_id = record_.request_id;
  call.context.deadline = begin_ + shared_.options.call_time;
  call.operation = route.operation;
  call.label = route.label;
  call.host = record_.host;
  call.tls_peer_chain_der = peer_chain_;
  // The same for as long as the connection lives.
  if (!channel_binding_) {
    channel_binding_ = ChannelBindingOf(tls_.ssl());
  }
  call.channel_binding = *channel_binding_;
  const bool wrapped = wire::WantsWrappedBase64(
      FieldOf(parser_->get(), boost::beast::http::field::user_agent));
  std::vector<issuance::PendingEst> calls;
  calls.push_back(
      {std::move(call), [self = shared_from_this(), wrapped,
                         operation = route.operation](auto result) mutable {
         PostEstAnswer(std::move(self), operation, wrapped, std::move(result));
       }});
  shared_.enrollment->Ask(std::move(calls));
}

// Back to the loop, from any thread.
void Connection::PostEstAnswer(std::shared_ptr<Connection> self,
                               issuance::EstOperation operation, bool wrapped,
                               absl::StatusOr<issuance::EstAnswer> result) {
  const Loop loop = self->socket_.get_executor();
  net::post(loop, [self = std::move(self), operation, wrapped,
                   result = std::move(result)]() mutable {
    self->OnEstAnswer(operation, wrapped, std::move(result));
  });
}

void Connection::OnEstAnswer(issuance::EstOperation operation, bool wrapped,
                             absl::StatusOr<issuance::EstAnswer> result) {
  if (!result.ok()) {
    const Answer refusal =
        ErrorAnswer(result.status(), shared_.options.retry_after);
    return Send(refusal, result.status(), keep_alive_);
  }
  Answer answer = EstAnswerOf(operation, *result, wrapped);
  Send(answer, absl::OkStatus(), keep_alive_);
  if (answer.is_secret) {
    wire::Wipe(&answer.body);
  }
}

}  // namespace masa::edge
