// What a device told of its voucher and its enrolment, for `device get`.
#ifndef SERVICES_MASACTL_DEVICE_REPORTS_H_
#define SERVICES_MASACTL_DEVICE_REPORTS_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "services/masactl/service.h"

namespace masa::masactl {

// One line for each report, the newest first; none where the device told
// nothing, or the service does not know of reports or lets nobody read them.
absl::Status ShowReports(const CommonOptions& options,
                         const std::string& serial, std::ostream& out);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_DEVICE_REPORTS_H_
