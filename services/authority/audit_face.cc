#include "services/authority/audit_face.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/authority/audit_calls.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/authority/verification_calls.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;

constexpr char kCheckpointList[] = "checkpoints";

std::string ServiceName() {
  return masa::v1::AuditService::service_full_name();
}

// Which list it is, with all that was asked of it but the page.
std::string ListOf(const Principal& caller,
                   masa::v1::ListAuditEventsRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat("events:", caller.tenant_id, ":", caller.organization_id,
                      ":",
                      DigestOf("ListAuditEvents", request.SerializeAsString()));
}

absl::StatusOr<issuance::InclusionReceipt> Prove(
    issuance::AuditDesk& desk, const RequestContext& context,
    const Principal& caller,
    const masa::v1::GetInclusionProofRequest& request) {
  if (!request.voucher_id().empty()) {
    MASA_ASSIGN_OR_RETURN(const std::string id,
                          OctetsOfUuid(request.voucher_id(), "voucher_id"));
    return desk.ProveVoucher(context, caller, id);
  }
  MASA_ASSIGN_OR_RETURN(const std::string id,
                        OctetsOfUuid(request.event_id(), "event_id"));
  return desk.ProveEvent(context, caller, id);
}

}  // namespace

grpc::ServerUnaryReactor* AuditFace::GetDeviceAuditLog(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDeviceAuditLogRequest* request,
    masa::v1::GetDeviceAuditLogResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const auto vouchers,
                              operators_.ListVouchers(ours, caller, key));
        for (const storage::IssuedVoucher& voucher : vouchers) {
          *response->add_entries() = EntryOf(voucher);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::ListAuditEvents(
    grpc::CallbackServerContext* context,
    const masa::v1::ListAuditEventsRequest* request,
    masa::v1::ListAuditEventsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto filter, FilterOf(*request));
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        const std::string list = ListOf(caller, *request);
        MASA_ASSIGN_OR_RETURN(const std::string after,
                              LastOf(list, request->page_token()));
        MASA_ASSIGN_OR_RETURN(const issuance::EventPage page,
                              audit_.List(ours, caller, filter, after, limit));
        for (const issuance::ListedEvent& listed : page.events) {
          *response->add_events() = MessageOf(listed);
        }
        if (!page.next.empty()) {
          response->set_next_page_token(PageTokenOf(list, page.next));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::GetCheckpoint(
    grpc::CallbackServerContext* context,
    const masa::v1::GetCheckpointRequest* request,
    masa::v1::GetCheckpointResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            const auto checkpoint,
            audit_.GetCheckpoint(ours, caller, request->least_size()));
        *response->mutable_checkpoint() = MessageOf(checkpoint);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::ListCheckpoints(
    grpc::CallbackServerContext* context,
    const masa::v1::ListCheckpointsRequest* request,
    masa::v1::ListCheckpointsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string last,
                              LastOf(kCheckpointList, request->page_token()));
        uint64_t before = std::numeric_limits<uint64_t>::max();
        if (!last.empty() && !absl::SimpleAtoi(last, &before)) {
          return RefuseFields(Reason::kPageTokenInvalid,
                              {{"page_token", "is not one of this list's"}});
        }
        MASA_ASSIGN_OR_RETURN(
            const auto checkpoints,
            audit_.ListCheckpoints(ours, caller, before, limit));
        for (const storage::LogCheckpoint& checkpoint : checkpoints) {
          *response->add_checkpoints() = MessageOf(checkpoint);
        }
        if (static_cast<int>(checkpoints.size()) == limit) {
          response->set_next_page_token(PageTokenOf(
              kCheckpointList, absl::StrCat(checkpoints.back().size)));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::GetInclusionProof(
    grpc::CallbackServerContext* context,
    const masa::v1::GetInclusionProofRequest* request,
    masa::v1::GetInclusionProofResponse* response) {
  return rpc::ServeUnary(context, serving_, ServiceName(),
                         [=, this](const RequestContext& ours,
                                   const Principal& caller) -> absl::Status {
                           MASA_ASSIGN_OR_RETURN(
                               const auto proven,
                               Prove(audit_, ours, caller, *request));
                           response->set_receipt(proven.receipt);
                           response->set_log_index(proven.index);
                           response->set_size(proven.size);
                           return absl::OkStatus();
                         });
}

grpc::ServerUnaryReactor* AuditFace::GetConsistencyProof(
    grpc::CallbackServerContext* context,
    const masa::v1::GetConsistencyProofRequest* request,
    masa::v1::GetConsistencyProofResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            const auto proof,
            audit_.ProveConsistency(ours, caller, request->from(),
                                    request->to()));
        for (const std::string& hash : proof.hashes) {
          response->add_hashes(hash);
        }
        response->set_from(proof.from);
        response->set_to(proof.to);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditFace::StartVerification(
    grpc::CallbackServerContext* context,
    const masa::v1::StartVerificationRequest* request,
    masa::v1::StartVerificationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, ServiceName(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_ASSIGN_OR_RETURN(
            const auto started,
            verifications_.Start(Under(ours, once), caller, once));
        response->set_operation(VerificationNameOf(started));
        *response->mutable_verification() = MessageOf(started);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
