// A mirror in memory, that fails when it is told to. Not thread-safe.
#ifndef SERVICES_ISSUANCE_TEST_AUDIT_MIRROR_H_
#define SERVICES_ISSUANCE_TEST_AUDIT_MIRROR_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/issuance/audit_mirror.h"
#include "services/status/reason.h"

namespace masa::issuance {

class MemoryMirror final : public AuditMirror {
 public:
  absl::Status Write(const std::string& origin,
                     absl::Span<const MirrorFile> files) override {
    for (const MirrorFile& file : files) {
      if (writes_left_ == 0) {
        return Refuse(Reason::kStoreUnavailable, "the mirror is full");
      }
      writes_left_ -= writes_left_ > 0 ? 1 : 0;
      files_[{origin, file.path}] = file.octets;
    }
    return absl::OkStatus();
  }
  void ForgetPartial(const std::string& origin,
                     absl::Span<const std::string> full_paths) override {
    for (const std::string& path : full_paths) {
      std::erase_if(files_, [&](const auto& file) {
        return file.first.first == origin &&
               file.first.second.starts_with(path + ".p/");
      });
    }
  }
  absl::Status SetAside(const std::string& origin,
                        const std::string& why) override {
    std::erase_if(files_, [&origin](const auto& file) {
      return file.first.first == origin;
    });
    aside_.push_back(origin + " " + why);
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<std::string>> Read(
      const std::string& origin, const std::string& path) override {
    const auto found = files_.find({origin, path});
    return found == files_.end() ? std::nullopt : std::optional(found->second);
  }

  int writes_left_ = -1;  // files; below 0: no end
  std::map<std::pair<std::string, std::string>, std::string> files_;
  std::vector<std::string> aside_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_AUDIT_MIRROR_H_
