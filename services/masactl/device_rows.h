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
  // No columns: reads nothing.
  DeviceColumns() = default;

  // InvalidArgument for a column that is not known, given twice, or missing
  // (serial_number and product are needed), and for what is not UTF-8 or not
  // separated by commas.
  static absl::StatusOr<DeviceColumns> Create(
      const std::vector<std::string>& header);

  // The device of one line; InvalidArgument with what is wrong, which may be
  // that it is not UTF-8.
  absl::StatusOr<masa::v1::Device> Read(
      const std::vector<std::string>& fields) const;

 private:
  std::vector<std::string> names_;
};

// The header line of all columns, and a device as a line of them. A device
// with labels that the column cannot hold is InvalidArgument.
std::string HeaderLine();
absl::StatusOr<std::string> LineOf(const masa::v1::Device& device);

// Sets the field that `column` is of; InvalidArgument with what is wrong.
absl::Status ReadField(const std::string& column, const std::string& text,
                       masa::v1::Device* device);
// The columns that an update may set, as a person reads them.
std::string UpdatableColumns();
// The name in the .proto file of a column that an update may set, or empty.
std::string UpdatableField(const std::string& column);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_DEVICE_ROWS_H_
