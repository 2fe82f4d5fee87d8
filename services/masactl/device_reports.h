// What a device told of its voucher and its enrolment, for `device get`.
#ifndef SERVICES_MASACTL_DEVICE_REPORTS_H_
#define SERVICES_MASACTL_DEVICE_REPORTS_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/masa/v1/report.pb.h"
#include "services/masactl/service.h"

namespace masa::masactl {

// What the device told, the newest first; empty where it told nothing, or the
// service does not know of reports or lets nobody read them.
absl::StatusOr<masa::v1::ListDeviceReportsResponse> ReadReports(
    const CommonOptions& options, const std::string& serial);

// `device_json`, an object, with the member `reports`.
std::string JsonWithReports(const std::string& device_json,
                            const masa::v1::ListDeviceReportsResponse& reports);

// One line for each report, the newest first; none where the device told
// nothing, or the service does not know of reports or lets nobody read them.
absl::Status ShowReports(const CommonOptions& options,
                         const std::string& serial, std::ostream& out);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_DEVICE_REPORTS_H_
