// Devices out of a CSV file with a header line (columns in any order). Pure.
#ifndef SERVICES_MASACTL_DEVICE_ROWS_H_
#define SERVICES_MASACTL_DEVICE_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/device.pb.h"

namespace masa::masactl {

class DeviceColumns {
 public:
  // InvalidArgument for a column that is not known, given twice, or missing
  // (serial_number and product are needed).
  static absl::StatusOr<DeviceColumns> Create(
      const std::vector<std::string>& header);

  // The device of one line; InvalidArgument with what is wrong.
  absl::StatusOr<masa::v1::Device> Read(
      const std::vector<std::string>& fields) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_DEVICE_ROWS_H_
