// One call over gRPC for somebody who waits for its answer.
#ifndef SERVICES_EDGE_REMOTE_FLIGHT_H_
#define SERVICES_EDGE_REMOTE_FLIGHT_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/reason.h"

namespace masa::edge {

inline absl::Status Unreachable() {
  return Refuse(Reason::kOverloaded,
                "the service cannot answer at the moment; retry");
}

// What gRPC works with until it has the answer. `Pending` has the call, with
// its context, and who hears the outcome (PendingEst, PendingCall).
template <typename Request, typename Response, typename Pending>
struct Flight {
  explicit Flight(Pending one) : pending(std::move(one)) {
    rpc::Carry(pending.call.context, &context);
  }

  grpc::ClientContext context;
  Request request;
  Response response;
  Pending pending;
};

// What gRPC calls when the flight has ended: responds with what `answer_of`
// makes of the response, or with the authority's reason, or with Unreachable.
// By then nothing is left of the flight. Its context keeps the channel, which
// gRPC frees twice where its own thread is the last to have it.
template <typename FlightOf, typename AnswerOf>
std::function<void(grpc::Status)> Landing(std::shared_ptr<FlightOf> flight,
                                          AnswerOf answer_of) {
  return [flight = std::move(flight), answer_of = std::move(answer_of)](
             const grpc::Status& status) mutable {
    using Answer = decltype(answer_of(flight->response));
    const absl::Status outcome = rpc::FromGrpc(status, Unreachable());
    absl::StatusOr<Answer> answer =
        outcome.ok() ? absl::StatusOr<Answer>(answer_of(flight->response))
                     : outcome;
    const auto respond = std::move(flight->pending.respond);
    flight.reset();
    respond(std::move(answer));
  };
}

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REMOTE_FLIGHT_H_
