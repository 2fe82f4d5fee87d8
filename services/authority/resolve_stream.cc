#include "services/authority/resolve_stream.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/authority/convert.h"
#include "services/authority/ownership_calls.h"
#include "services/rpc/answer_stream.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using Request = masa::v1::StreamResolveOwnershipRequest;
using Response = masa::v1::StreamResolveOwnershipResponse;

constexpr size_t kMostOnTheirWay = 64;
constexpr size_t kLongestCorrelationId = 128;

absl::StatusOr<issuance::OwnershipQuestion> Read(const Request& request) {
  if (request.correlation_id().size() > kLongestCorrelationId) {
    return AtField(Refuse(Reason::kInvalidArgument, "has at most 128 octets"),
                   "correlation_id");
  }
  return QuestionOf(request.request(), "request.");
}

Response AnswerOf(const std::string& correlation_id, bool want_pinned_cert,
                  const absl::StatusOr<issuance::Ownership>& answer,
                  rpc::ItemFaults& faults) {
  Response response;
  response.set_correlation_id(correlation_id);
  SetStatus(answer.status(), faults, response.mutable_status());
  if (answer.ok()) {
    Fill(*answer, want_pinned_cert, response.mutable_value());
  }
  return response;
}

}  // namespace

grpc::ServerBidiReactor<Request, Response>* ServeResolveStream(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::ResolveDesk& desk) {
  return new rpc::AnswerStream<Request, Response>(
      context, serving, masa::v1::OwnershipService::service_full_name(),
      kMostOnTheirWay,
      [&desk](const RequestContext& ours, const identity::Principal& caller,
              const Request& request, rpc::ItemFaults& faults,
              std::function<void(Response)> answer) {
        auto question = Read(request);
        const bool want_cert = request.request().want_pinned_cert();
        std::string id = request.correlation_id();
        if (!question.ok()) {
          answer(AnswerOf(id.size() > kLongestCorrelationId ? "" : id,
                          want_cert, question.status(), faults));
          return;
        }
        std::vector<issuance::PendingResolve> calls;
        calls.push_back(
            {ours, caller, *std::move(question),
             [want_cert, id = std::move(id), &faults,
              answer = std::move(answer)](
                 const absl::StatusOr<issuance::Ownership>& said) {
               answer(said.ok()
                          ? AnswerOf(id, want_cert, said, faults)
                          : AnswerOf(id, want_cert,
                                     FieldsUnder(said.status(), "request"),
                                     faults));
             }});
        desk.Resolve(std::move(calls));
      });
}

}  // namespace masa::authority
