// Where the log is also kept, outside the database: files as C2SP tlog-tiles
// names them, in a folder for each log. What is there is never written again
// but for `checkpoint`, and goes only where a full file has it. Thread-safe;
// blocks.
#ifndef SERVICES_ISSUANCE_AUDIT_MIRROR_H_
#define SERVICES_ISSUANCE_AUDIT_MIRROR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace masa::issuance {

// The newest checkpoint's file; some of the older ones stay: checkpoints/SIZE.
inline constexpr char kCheckpointFile[] = "checkpoint";

struct MirrorFile {
  std::string path;  // below the folder of its log
  std::string octets;
};

class AuditMirror {
 public:
  virtual ~AuditMirror() = default;

  // All are durable on return, and each is whole or not there at all, below the
  // folder of the log with this origin. Replaces kCheckpointFile alone:
  // kMisconfigured when anything else is there and is not the same.
  // kStoreUnavailable.
  virtual absl::Status Write(const std::string& origin,
                             absl::Span<const MirrorFile> files) = 0;

  // Forgets the partial tiles or bundles that these full ones begin with
  // (C2SP tlog-tiles). Storage that gives nothing back keeps them.
  virtual void ForgetPartial(const std::string& origin,
                             absl::Span<const std::string> full_paths) = 0;

  // Keeps what is there of the log under another name, by which `why` stands,
  // and has nothing of it from here on. kStoreUnavailable.
  virtual absl::Status SetAside(const std::string& origin,
                                const std::string& why) = 0;

  // Nothing: there is no such file. kStoreUnavailable.
  virtual absl::StatusOr<std::optional<std::string>> Read(
      const std::string& origin, const std::string& path) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_AUDIT_MIRROR_H_
