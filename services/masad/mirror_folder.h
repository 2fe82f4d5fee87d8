// The audit log's mirror as files in a folder, one folder for each log, laid
// out so that any web server can serve it (C2SP tlog-tiles). Thread-safe;
// blocks.
#ifndef SERVICES_MASAD_MIRROR_FOLDER_H_
#define SERVICES_MASAD_MIRROR_FOLDER_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/issuance/audit_mirror.h"

namespace masa::masad {

class MirrorFolder final : public issuance::AuditMirror {
 public:
  // kMisconfigured when `folder` is no folder.
  static absl::StatusOr<std::unique_ptr<MirrorFolder>> Open(std::string folder);

  // `folder` is there.
  explicit MirrorFolder(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Write(const std::string& origin,
                     absl::Span<const issuance::MirrorFile> files) override;
  void ForgetPartial(const std::string& origin,
                     absl::Span<const std::string> full_paths) override;
  absl::Status SetAside(const std::string& origin,
                        const std::string& why) override;
  absl::StatusOr<std::optional<std::string>> Read(
      const std::string& origin, const std::string& path) override;

 private:
  std::filesystem::path PathOf(const std::string& origin,
                               const std::string& path) const {
    return std::filesystem::path(folder_) / origin / path;
  }
  // kMisconfigured when another is there, which may not be replaced.
  absl::StatusOr<bool> IsThere(const std::string& origin,
                               const issuance::MirrorFile& file);
  // Those of `files` that are not there.
  absl::StatusOr<std::vector<const issuance::MirrorFile*>> Missing(
      const std::string& origin, absl::Span<const issuance::MirrorFile> files);
  // Adds the folders that have a new name in them, or will have one.
  absl::Status MakeFolder(const std::filesystem::path& folder,
                          std::set<std::filesystem::path>& changed);

  const std::string folder_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_MIRROR_FOLDER_H_
