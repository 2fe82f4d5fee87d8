#include "services/authority/api_face.h"

#include "services/authority/convert.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;

}  // namespace

grpc::ServerUnaryReactor* AuditFace::GetDeviceAuditLog(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDeviceAuditLogRequest* request,
    masa::v1::GetDeviceAuditLogResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AuditService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const auto vouchers,
                              desk_.ListVouchers(ours, caller, key));
        for (const storage::IssuedVoucher& voucher : vouchers) {
          *response->add_entries() = EntryOf(voucher);
        }
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
