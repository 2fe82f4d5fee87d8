// The voucher jobs, and verifications of the audit log, as google.longrunning
// operations.
#include "services/authority/pages.h"
#include "services/authority/verification_calls.h"
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
constexpr char kVerificationList[] = "operations:verifications";

// The collection that operations are in, and no filter of it.
absl::Status CheckList(
    const google::longrunning::ListOperationsRequest& request) {
  FieldChecker check;
  if (!request.name().empty() && request.name() != "voucherJobs" &&
      request.name() != kVerifications) {
    check.Fault("name", "is neither voucherJobs nor auditVerifications");
  }
  if (!request.filter().empty()) {
    check.Fault("filter", "is not taken here");
  }
  return check.Finish();
}

}  // namespace

absl::StatusOr<google::longrunning::Operation> OperationsFace::Find(
    const RequestContext& context, const Principal& caller,
    const std::string& name) {
  if (IsVerificationName(name)) {
    MASA_ASSIGN_OR_RETURN(const auto id, VerificationIdOfName(name));
    MASA_ASSIGN_OR_RETURN(const auto one,
                          verifications_.Get(context, caller, id));
    return OperationOf(one);
  }
  MASA_ASSIGN_OR_RETURN(const auto id, JobIdOfName(name));
  MASA_ASSIGN_OR_RETURN(const auto view, desk_.Get(context, caller, id));
  return OperationOf(view);
}

absl::Status OperationsFace::ListVerifications(
    const RequestContext& context, const Principal& caller,
    const google::longrunning::ListOperationsRequest& request,
    google::longrunning::ListOperationsResponse* response) {
  MASA_ASSIGN_OR_RETURN(const int limit, PageSizeOf(request.page_size()));
  MASA_ASSIGN_OR_RETURN(const std::string before,
                        LastOf(kVerificationList, request.page_token()));
  MASA_ASSIGN_OR_RETURN(const auto page,
                        verifications_.List(context, caller, before, limit));
  for (const storage::AuditVerification& one : page) {
    *response->add_operations() = OperationOf(one);
  }
  if (static_cast<int>(page.size()) == limit) {
    response->set_next_page_token(
        PageTokenOf(kVerificationList, page.back().verification_id()));
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* OperationsFace::ListOperations(
    grpc::CallbackServerContext* context,
    const google::longrunning::ListOperationsRequest* request,
    google::longrunning::ListOperationsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, Operations::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckList(*request));
        if (request->name() == kVerifications) {
          return ListVerifications(ours, caller, *request, response);
        }
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
  return rpc::ServeUnary(context, serving_, Operations::service_full_name(),
                         [=, this](const RequestContext& ours,
                                   const Principal& caller) -> absl::Status {
                           MASA_ASSIGN_OR_RETURN(
                               *response, Find(ours, caller, request->name()));
                           return absl::OkStatus();
                         });
}

grpc::ServerUnaryReactor* OperationsFace::DeleteOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::DeleteOperationRequest*,
    google::protobuf::Empty*) {
  return rpc::ServeUnary(
      context, serving_, Operations::service_full_name(),
      [](const RequestContext&, const Principal&) {
        return Refuse(Reason::kNotOffered,
                      "operations are not deleted by callers: they go when "
                      "their time of retention has passed");
      });
}

grpc::ServerUnaryReactor* OperationsFace::CancelOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::CancelOperationRequest* request,
    google::protobuf::Empty*) {
  return rpc::ServeUnary(
      context, serving_, Operations::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        if (IsVerificationName(request->name())) {
          MASA_ASSIGN_OR_RETURN(const auto id,
                                VerificationIdOfName(request->name()));
          return verifications_.Cancel(ours, caller, id).status();
        }
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOfName(request->name()));
        return desk_.Cancel({ours, caller}, id).status();
      });
}

grpc::ServerUnaryReactor* OperationsFace::WaitOperation(
    grpc::CallbackServerContext* context,
    const google::longrunning::WaitOperationRequest* request,
    google::longrunning::Operation* response) {
  using Timeout = std::optional<google::protobuf::Duration>;
  return ServeWait(
      {context, Operations::service_full_name(),
       request->has_timeout() ? Timeout(request->timeout()) : Timeout(),
       [=, this](const RequestContext& ours,
                 const Principal& caller) -> absl::StatusOr<bool> {
         MASA_ASSIGN_OR_RETURN(*response, Find(ours, caller, request->name()));
         return response->done();
       }},
      serving_, draining_);
}

}  // namespace masa::authority
