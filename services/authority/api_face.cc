#include "services/authority/api_face.h"

#include "services/authority/convert.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/media_type.h"

namespace masa::authority {
namespace {

using identity::Principal;

}  // namespace

grpc::ServerUnaryReactor* VoucherFace::IssueVoucher(
    grpc::CallbackServerContext* context,
    const masa::v1::IssueVoucherRequest* request,
    masa::v1::IssueVoucherResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::VoucherService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto committed,
                              desk_.IssueVoucher(ours, caller, order));
        const storage::IssuedVoucher& issued = committed.voucher;
        response->set_voucher_id(UuidText(issued.voucher_id));
        response->set_voucher(issued.voucher);
        response->set_media_type(std::string(wire::MediaTypeOf(issued.format)));
        *response->mutable_created_on() = TimestampOf(issued.created_on);
        if (issued.expires_on) {
          *response->mutable_expires_on() = TimestampOf(*issued.expires_on);
        }
        response->set_signing_key(issued.signing_key);
        response->set_audit_event_id(UuidText(issued.audit_event_id));
        response->set_replayed(committed.replayed);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
