// Which face a host name shows (architecture, three exposures). Pure.
#ifndef SERVICES_EDGE_FACE_H_
#define SERVICES_EDGE_FACE_H_

#include <string>

#include "absl/strings/match.h"

namespace masa::edge {

enum class Face {
  kMasa = 1,   // BRSKI-MASA, and EST where the tenant says so
  kEst = 2,    // EST alone
  kCloud = 3,  // the cloud registrar: no EST
};

// By the first label of the name; lower case.
inline Face FaceOf(const std::string& host) {
  return absl::StartsWith(host, "est.")     ? Face::kEst
         : absl::StartsWith(host, "cloud.") ? Face::kCloud
                                            : Face::kMasa;
}

}  // namespace masa::edge

#endif  // SERVICES_EDGE_FACE_H_
