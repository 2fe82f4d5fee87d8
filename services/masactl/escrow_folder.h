// A folder of escrow bundles that a timer adds to: each export has a name of
// its own, with its organisation and time, and beside it a file with its
// SHA-256, as sha256sum reads it. Not thread-safe; blocks.
#ifndef SERVICES_MASACTL_ESCROW_FOLDER_H_
#define SERVICES_MASACTL_ESCROW_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace masa::masactl {

// Where the bundle of that time goes; `organization` as it is named, of which
// anything but letters, digits, '-' and '_' stands as '_'.
std::string BundlePath(const std::string& folder,
                       const std::string& organization, absl::Time now);

// Writes PATH.sha256 about the file `written`, which is to be moved to `path`:
// before that is done, so that no bundle is there without it.
absl::Status WriteDigest(const std::string& written, const std::string& path);

// Removes bundles of the organisation, the oldest first, until `keep` are
// there, and what broken exports have left behind; 0 removes nothing.
absl::Status KeepNewest(const std::string& folder,
                        const std::string& organization, int keep);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ESCROW_FOLDER_H_
