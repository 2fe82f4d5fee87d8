// What a running masad takes of a changed configuration.
#ifndef SERVICES_MASAD_RELOAD_H_
#define SERVICES_MASAD_RELOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/config/check_config.h"
#include "services/masad/files.h"

namespace masa::masad {

// Where paths of the configuration in `path` begin.
std::string FolderOf(const std::string& path);

// Reads and checks the configuration in `path`. kMisconfigured with all of its
// faults.
absl::StatusOr<Setup> ReadSetup(const std::string& path,
                                const config::Roles& roles);

// A digest of the file `path` and of the edge's certificates and keys that it
// names at this moment: gRPC looks at its own (rpc::TlsFiles).
std::string DigestOfFiles(const std::string& path);

// The sections that differ in more than the log's level and the edge's
// certificates: those need a restart. "edge, storage", or nothing.
std::string SectionsThatNeedARestart(const masa::v1::Config& running,
                                     const masa::v1::Config& renewed);

// Whether a field of this path, as config::ChangesOf has it, is one of those.
bool NeedsRestart(const std::string& path);

// `running` with the log's level and the edge's certificates of `renewed`.
masa::v1::Config WithWhatIsTaken(const masa::v1::Config& running,
                                 const masa::v1::Config& renewed);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_RELOAD_H_
