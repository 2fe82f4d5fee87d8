#include "services/authority/ownership_face.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/authority/convert.h"
#include "services/authority/ownership_calls.h"
#include "services/authority/resolve_stream.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;
using issuance::Ownership;
using issuance::OwnershipQuestion;
using masa::v1::OwnershipService;

// Items that do not translate fail alone; the others go on together.
absl::Status Resolve(issuance::ResolveDesk& desk, const RequestContext& context,
                     const Principal& caller, rpc::ItemFaults& faults,
                     const masa::v1::ResolveOwnershipsRequest& request,
                     masa::v1::ResolveOwnershipsResponse* response) {
  constexpr int kMostItems = 1000;
  if (request.requests_size() < 1 || request.requests_size() > kMostItems) {
    return AtField(
        Refuse(Reason::kTooManyItems, "a call takes 1 to 1000 items"),
        "requests");
  }
  std::vector<OwnershipQuestion> questions;
  std::vector<absl::Status> refused;  // one per item; OK: goes on
  for (int i = 0; i < request.requests_size(); ++i) {
    auto question =
        QuestionOf(request.requests(i), absl::StrCat("requests[", i, "]."));
    refused.push_back(question.status());
    if (question.ok()) {
      questions.push_back(*std::move(question));
    }
  }
  std::vector<absl::StatusOr<Ownership>> answers;
  if (!questions.empty()) {
    MASA_ASSIGN_OR_RETURN(answers, desk.ResolveAll(context, caller, questions));
  }
  auto next = answers.begin();
  for (int i = 0; i < request.requests_size(); ++i) {
    auto* result = response->add_results();
    const absl::StatusOr<Ownership> answer =
        refused[i].ok() ? std::move(*next++) : refused[i];
    SetStatus(refused[i].ok() ? FieldsUnder(answer.status(),
                                            absl::StrCat("requests[", i, "]"))
                              : refused[i],
              faults, result->mutable_status());
    if (answer.ok()) {
      Fill(*answer, request.requests(i).want_pinned_cert(),
           result->mutable_value());
    }
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* OwnershipFace::ResolveOwnership(
    grpc::CallbackServerContext* context,
    const masa::v1::ResolveOwnershipRequest* request,
    masa::v1::ResolveOwnershipResponse* response) {
  return rpc::StartUnary(
      context, serving_, OwnershipService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller,
                rpc::Finish finish) {
        auto question = QuestionOf(*request, "");
        if (!question.ok()) {
          finish(question.status());
          return;
        }
        std::vector<issuance::PendingResolve> calls;
        calls.push_back({ours, caller, *std::move(question),
                         [=, finish = std::move(finish)](
                             const absl::StatusOr<Ownership>& answer) {
                           if (answer.ok()) {
                             Fill(*answer, request->want_pinned_cert(),
                                  response);
                           }
                           finish(answer.status());
                         }});
        desk_.Resolve(std::move(calls));
      });
}

grpc::ServerUnaryReactor* OwnershipFace::ResolveOwnerships(
    grpc::CallbackServerContext* context,
    const masa::v1::ResolveOwnershipsRequest* request,
    masa::v1::ResolveOwnershipsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, OwnershipService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        rpc::ItemFaults faults(serving_.gate,
                               OwnershipService::service_full_name(), ours);
        return Resolve(desk_, ours, caller, faults, *request, response);
      });
}

grpc::ServerBidiReactor<masa::v1::StreamResolveOwnershipRequest,
                        masa::v1::StreamResolveOwnershipResponse>*
OwnershipFace::StreamResolveOwnership(grpc::CallbackServerContext* context) {
  return ServeResolveStream(context, serving_, desk_);
}

}  // namespace masa::authority
