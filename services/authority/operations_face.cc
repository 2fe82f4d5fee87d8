// The voucher jobs as google.longrunning operations.
#include "services/authority/pages.h"
#include "services/authority/voucher_job_calls.h"
#include "services/authority/voucher_job_face.h"
#include "services/authority/voucher_job_wait.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using google::longrunning::Operations;
using identity::Principal;

constexpr char kList[] = "operations";

// The collection that operations are in, and no filter of it.
absl::Status CheckList(
    const google::longrunning::ListOperationsRequest& request) {
  FieldChecker check;
  if (!request.name().empty() && request.name() != "voucherJobs") {
    check.Fault("name", "is not voucherJobs");
  }
  if (!request.filter().empty()) {
    check.Fault("filter", "is not taken here");
  }
  return check.Finish();
}

}  // namespace

grpc::ServerUnaryReactor* OperationsFace::ListOperations(
    grpc::CallbackServerContext* context,
    const google::longrunning::ListOperationsRequest* request,
    google::longrunning::ListOperationsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, Operations::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckList(*request));
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string before,
                              LastOf(kList, request->page_token()));
        MASA_ASSIGN_OR_RETURN(const auto page,
                              desk_.List(ours, caller, before, limit));
        for (const issuance::VoucherJobView& view : page.jobs) {
          *response->add_operations() = OperationOf(view);
        }
        if (!page.last.empty()) {
          response->set_next_page_token(PageTokenOf(kList, page.last));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* OperationsFace::GetOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::GetOperationRequest* request,
    google::longrunning::Operation* response) {
  return rpc::ServeUnary(
      context, serving_, Operations::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOfName(request->name()));
        MASA_ASSIGN_OR_RETURN(const auto view, desk_.Get(ours, caller, id));
        *response = OperationOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* OperationsFace::CancelOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::CancelOperationRequest* request,
    google::protobuf::Empty*) {
  return rpc::ServeUnary(context, serving_, Operations::service_full_name(),
                         [=, this](const RequestContext& ours,
                                   const Principal& caller) -> absl::Status {
                           MASA_ASSIGN_OR_RETURN(const auto id,
                                                 JobIdOfName(request->name()));
                           return desk_.Cancel({ours, caller}, id).status();
                         });
}

grpc::ServerUnaryReactor* OperationsFace::WaitOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::WaitOperationRequest* request,
    google::longrunning::Operation* response) {
  using Timeout = std::optional<google::protobuf::Duration>;
  return ServeWait(
      {context, Operations::service_full_name(), JobIdOfName(request->name()),
       request->has_timeout() ? Timeout(request->timeout()) : Timeout(),
       [response](const issuance::VoucherJobView& view) {
         *response = OperationOf(view);
       }},
      serving_, desk_, draining_);
}

}  // namespace masa::authority
