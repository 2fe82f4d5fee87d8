#include "services/authority/voucher_job_face.h"

#include <memory>

#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/authority/voucher_job_calls.h"
#include "services/authority/voucher_job_wait.h"
#include "services/rpc/serve_pages.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;
using masa::v1::VoucherJobService;

constexpr char kList[] = "voucher_jobs";

}  // namespace

std::vector<std::string> VoucherJobServices() {
  return {VoucherJobService::service_full_name(),
          google::longrunning::Operations::service_full_name()};
}

grpc::ServerUnaryReactor* VoucherJobFace::StartVoucherJob(
    grpc::CallbackServerContext* context,
    const masa::v1::StartVoucherJobRequest* request,
    masa::v1::StartVoucherJobResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto view,
                              desk_.Start({Under(ours, once), caller, once,
                                           request->validate_only()},
                                          order));
        *response->mutable_job() = MessageOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherJobFace::GetVoucherJob(
    grpc::CallbackServerContext* context,
    const masa::v1::GetVoucherJobRequest* request,
    masa::v1::GetVoucherJobResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOf(request->job_id()));
        MASA_ASSIGN_OR_RETURN(const auto view, desk_.Get(ours, caller, id));
        *response->mutable_job() = MessageOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherJobFace::ListVoucherJobs(
    grpc::CallbackServerContext* context,
    const masa::v1::ListVoucherJobsRequest* request,
    masa::v1::ListVoucherJobsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string before,
                              LastOf(kList, request->page_token()));
        MASA_ASSIGN_OR_RETURN(const auto page,
                              desk_.List(ours, caller, before, limit));
        for (const issuance::VoucherJobView& view : page.jobs) {
          *response->add_jobs() = MessageOf(view);
        }
        if (!page.last.empty()) {
          response->set_next_page_token(PageTokenOf(kList, page.last));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherJobFace::CancelVoucherJob(
    grpc::CallbackServerContext* context,
    const masa::v1::CancelVoucherJobRequest* request,
    masa::v1::CancelVoucherJobResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOf(request->job_id()));
        MASA_ASSIGN_OR_RETURN(
            const auto view,
            desk_.Cancel({Under(ours, once), caller, once}, id));
        *response->mutable_job() = MessageOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherJobFace::WaitVoucherJob(
    grpc::CallbackServerContext* context,
    const masa::v1::WaitVoucherJobRequest* request,
    masa::v1::WaitVoucherJobResponse* response) {
  using Timeout = std::optional<google::protobuf::Duration>;
  return ServeWait(
      {context, VoucherJobService::service_full_name(),
       request->has_timeout() ? Timeout(request->timeout()) : Timeout(),
       [=, this](const RequestContext& ours,
                 const Principal& caller) -> absl::StatusOr<bool> {
         MASA_ASSIGN_OR_RETURN(const auto id, JobIdOf(request->job_id()));
         MASA_ASSIGN_OR_RETURN(const auto view, desk_.Get(ours, caller, id));
         *response->mutable_job() = MessageOf(view);
         return view.job.ended_at() != 0;
       }},
      serving_, draining_);
}

grpc::ServerUnaryReactor* VoucherJobFace::GetEscrowManifest(
    grpc::CallbackServerContext* context,
    const masa::v1::GetEscrowManifestRequest* request,
    masa::v1::GetEscrowManifestResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOf(request->job_id()));
        MASA_ASSIGN_OR_RETURN(auto made,
                              escrow_.SignManifest(ours, caller, id));
        response->set_manifest(std::move(made.manifest));
        response->set_signature(std::move(made.signature));
        response->set_key_id(made.key);
        for (std::string& der : made.chain_der) {
          response->add_chain_der(std::move(der));
        }
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<masa::v1::ExportVouchersResponse>*
VoucherJobFace::ExportVouchers(grpc::CallbackServerContext* context,
                               const masa::v1::ExportVouchersRequest* request) {
  using Response = masa::v1::ExportVouchersResponse;
  const auto asked =
      std::make_shared<masa::v1::ExportVouchersRequest>(*request);
  return rpc::ServePages<Response>(
      context, serving_, VoucherJobService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller)
          -> absl::StatusOr<std::vector<Response>> {
        MASA_ASSIGN_OR_RETURN(const auto id, JobIdOf(asked->job_id()));
        MASA_ASSIGN_OR_RETURN(
            const auto piece,
            desk_.ReadArchive(ours, caller, id, asked->offset()));
        auto messages = MessagesOf(piece, asked->offset());
        asked->set_offset(asked->offset() +
                          static_cast<int64_t>(piece.octets.size()));
        return messages;
      });
}

}  // namespace masa::authority
