#include "services/masactl/device_reports.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "proto/masa/v1/report.grpc.pb.h"
#include "services/masactl/service.h"
#include "services/masactl/voucher_commands.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

// The device's own words are shown so that they move no cursor.
void Print(const masa::v1::DeviceReport& report, std::ostream& out) {
  const bool of_voucher =
      report.kind() == masa::v1::DEVICE_REPORT_KIND_VOUCHER_STATUS;
  out << (of_voucher ? "voucher status: " : "enrollment status: ")
      << (report.success() ? "success" : "failure") << ", told at "
      << absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(report.time().seconds()),
                          absl::UTCTimeZone())
      << (report.own_certificate() ? " with the device's own certificate"
                                   : " by somebody without its certificate");
  if (!report.reason().empty()) {
    out << ": " << absl::Utf8SafeCEscape(report.reason());
  }
  if (!report.context_json().empty()) {
    out << "; context " << absl::Utf8SafeCEscape(report.context_json());
  }
  out << '\n';
}

}  // namespace

absl::StatusOr<masa::v1::ListDeviceReportsResponse> ReadReports(
    const CommonOptions& options, const std::string& serial) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::ListDeviceReportsRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(), KeyOf(options, serial));
  masa::v1::ListDeviceReportsResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  const grpc::Status status =
      masa::v1::ReportService::NewStub(channel)->ListDeviceReports(
          &call, request, &response);
  // The device itself was read before: it is the service that is not there.
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED ||
      status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
    return masa::v1::ListDeviceReportsResponse();
  }
  MASA_RETURN_IF_ERROR(StatusOf(status));
  return response;
}

std::string JsonWithReports(
    const std::string& device_json,
    const masa::v1::ListDeviceReportsResponse& reports) {
  // Both are whole objects: the second one's members follow the first one's.
  return absl::StrCat(absl::StripSuffix(device_json, "}"), ",",
                      absl::StripPrefix(JsonOf(reports), "{"));
}

absl::Status ShowReports(const CommonOptions& options,
                         const std::string& serial, std::ostream& out) {
  MASA_ASSIGN_OR_RETURN(const auto response, ReadReports(options, serial));
  for (const masa::v1::DeviceReport& report : response.reports()) {
    Print(report, out);
  }
  return absl::OkStatus();
}

}  // namespace masa::masactl
