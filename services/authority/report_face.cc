#include "services/authority/report_face.h"

#include "services/authority/convert.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

masa::v1::DeviceReport MessageOf(const storage::DeviceReport& report) {
  masa::v1::DeviceReport message;
  // The numbers agree.
  message.set_kind(static_cast<masa::v1::DeviceReportKind>(report.kind));
  *message.mutable_time() = TimestampOf(report.at);
  message.set_version(report.version);
  message.set_success(report.success);
  message.set_reason(report.reason);
  message.set_context_json(report.context_json);
  message.set_own_certificate(report.is_proven);
  return message;
}

}  // namespace

grpc::ServerUnaryReactor* ReportFace::ListDeviceReports(
    grpc::CallbackServerContext* context,
    const masa::v1::ListDeviceReportsRequest* request,
    masa::v1::ListDeviceReportsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::ReportService::service_full_name(),
      [=, this](const RequestContext& ours,
                const identity::Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const auto reports,
                              desk_.ListReports(ours, caller, key));
        for (const storage::DeviceReport& report : reports) {
          *response->add_reports() = MessageOf(report);
        }
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
