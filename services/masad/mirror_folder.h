// The audit log's mirror as files in a folder, one folder for each log, laid
// out so that any web server can serve it (C2SP tlog-tiles). Thread-safe;
// blocks.
#ifndef SERVICES_MASAD_MIRROR_FOLDER_H_
#define SERVICES_MASAD_MIRROR_FOLDER_H_

#include <optional>
#include <string>

#include "services/issuance/audit_mirror.h"

namespace masa::masad {

class MirrorFolder final : public issuance::AuditMirror {
 public:
  // `folder` is there.
  explicit MirrorFolder(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Write(const std::string& origin, const std::string& path,
                     const std::string& octets) override;
  absl::Status SetAside(const std::string& origin,
                        const std::string& why) override;
  absl::StatusOr<std::optional<std::string>> Read(
      const std::string& origin, const std::string& path) override;

 private:
  const std::string folder_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_MIRROR_FOLDER_H_
