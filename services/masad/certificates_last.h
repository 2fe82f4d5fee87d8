// Whether the TLS certificates of this process have ended: then nobody can
// speak with it, and it is not ready until they are renewed.
#ifndef SERVICES_MASAD_CERTIFICATES_LAST_H_
#define SERVICES_MASAD_CERTIFICATES_LAST_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace masa::masad {

// `chains` are files by what they are shown for, as ResourceMetrics names them;
// read anew. kMisconfigured, naming file and end, when one has ended: of those
// for the edge's hosts, when all have; of `admin`, never. What cannot be read
// is left to who reads it for use.
absl::Status CheckCertificatesLast(
    const std::map<std::string, std::string>& chains, absl::Time now);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_CERTIFICATES_LAST_H_
