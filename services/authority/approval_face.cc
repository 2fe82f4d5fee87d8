#include "services/authority/approval_face.h"

#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;

constexpr size_t kLongestReason = 200;

masa::v1::Claim MessageOf(const storage::Claim& claim) {
  masa::v1::Claim message;
  message.set_claim_id(claim.claim_id);
  message.set_serial_number(claim.serial_number);
  message.set_domain_id(claim.domain_id);
  message.set_pinned_spki_sha256(claim.pinned_spki_sha256);
  *message.mutable_asked_at() = TimestampOf(claim.asked_at);
  message.set_state(static_cast<masa::v1::ClaimState>(claim.state));
  return message;
}

}  // namespace

grpc::ServerUnaryReactor* ApprovalFace::ListClaims(
    grpc::CallbackServerContext* context,
    const masa::v1::ListClaimsRequest* request,
    masa::v1::ListClaimsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::ApprovalService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto claims,
                              desk_.ListClaims(ours, caller));
        for (const storage::Claim& claim : claims) {
          *response->add_claims() = MessageOf(claim);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ApprovalFace::DecideClaim(
    grpc::CallbackServerContext* context,
    const masa::v1::DecideClaimRequest* request,
    masa::v1::DecideClaimResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::ApprovalService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        FieldChecker check;
        if (request->reason().size() > kLongestReason) {
          check.Fault("reason", "is over 200 octets");
        }
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(
            const storage::Claim claim,
            desk_.DecideClaim(Under(ours, once), caller,
                              {"", request->claim_id(), request->approve(),
                               request->reason()},
                              once));
        *response->mutable_claim() = MessageOf(claim);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
