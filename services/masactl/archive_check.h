// Compares the files of a voucher job's archive with its manifest, in constant
// memory. Pure but for reading the file.
#ifndef SERVICES_MASACTL_ARCHIVE_CHECK_H_
#define SERVICES_MASACTL_ARCHIVE_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace masa::masactl {

struct CheckedArchive {
  int64_t files = 0;    // each as its digest in the manifest says
  int64_t refused = 0;  // devices without a file
};

// DataLoss, naming the file, when one is missing, is there twice, or is not
// what its digest says; NotFound when there is no archive at `path`.
absl::StatusOr<CheckedArchive> CheckArchive(const std::string& path);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ARCHIVE_CHECK_H_
