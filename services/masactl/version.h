// Which build of masactl this is.
#ifndef SERVICES_MASACTL_VERSION_H_
#define SERVICES_MASACTL_VERSION_H_

#include <string>

namespace masa::masactl {

// The program's SHA-256, as `admin build` tells that of a process, and gRPC's
// version, a line each or as JSON. Nothing was released yet, so no number says
// more.
std::string VersionText(bool json);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_VERSION_H_
