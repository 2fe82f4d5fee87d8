// Where a file goes that is written beside its place and is there whole at the
// end. Thread-safe.
#ifndef SERVICES_MASACTL_OUT_PLACE_H_
#define SERVICES_MASACTL_OUT_PLACE_H_

#include <string>

#include "absl/status/statusor.h"

namespace masa::masactl {

// `path`, or what it leads to where it is a symbolic link, so that the link
// stays. InvalidArgument when something is there that is no regular file, a
// device or a pipe: what is whole at the end would take its place.
absl::StatusOr<std::string> PlaceOf(const std::string& path);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OUT_PLACE_H_
