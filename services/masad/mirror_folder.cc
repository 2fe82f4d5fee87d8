#include "services/masad/mirror_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

absl::Status Failed(const std::string& path, const std::string& why) {
  return Refuse(Reason::kStoreUnavailable,
                absl::StrCat("the audit log's mirror: ", path, ": ", why));
}

absl::Status Failed(const std::string& path) {
  return Failed(path, std::strerror(errno));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  int number() const { return number_; }

 private:
  const int number_;
};

absl::Status WriteWhole(const std::string& path, const std::string& octets) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  for (size_t done = 0; done < octets.size();) {
    const ssize_t written =
        write(file.number(), octets.data() + done, octets.size() - done);
    if (written < 0 && errno != EINTR) {
      return Failed(path);
    }
    done += written > 0 ? static_cast<size_t>(written) : 0;
  }
  return fsync(file.number()) == 0 ? absl::OkStatus() : Failed(path);
}

absl::Status SyncFolder(const std::string& folder) {
  const Descriptor opened(folder, O_RDONLY | O_DIRECTORY);
  return fsync(opened.number()) == 0 ? absl::OkStatus() : Failed(folder);
}

}  // namespace

absl::Status MirrorFolder::Write(const std::string& origin,
                                 const std::string& path,
                                 const std::string& octets) {
  MASA_ASSIGN_OR_RETURN(const auto there, Read(origin, path));
  if (there == octets) {
    return absl::OkStatus();
  }
  const std::filesystem::path target =
      std::filesystem::path(folder_) / origin / path;
  if (there && path != issuance::kCheckpointFile) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the audit log's mirror has another ",
                               target.string(), " than the database"));
  }
  const std::string folder = target.parent_path().string();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Failed(folder, error.message());
  }
  // Two processes may write the same: each has a name of its own for it.
  const std::string whole = absl::StrCat(target.string(), ".new-", getpid());
  MASA_RETURN_IF_ERROR(WriteWhole(whole, octets));
  if (rename(whole.c_str(), target.c_str()) != 0) {
    return Failed(target.string());
  }
  return SyncFolder(folder);
}

absl::Status MirrorFolder::SetAside(const std::string& origin,
                                    const std::string& why) {
  const std::filesystem::path from = std::filesystem::path(folder_) / origin;
  std::filesystem::path to = from;
  to += absl::StrCat(".", why);
  if (rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
    return Failed(to.string());
  }
  return SyncFolder(from.parent_path().string());
}

absl::StatusOr<std::optional<std::string>> MirrorFolder::Read(
    const std::string& origin, const std::string& path) {
  const std::filesystem::path source =
      std::filesystem::path(folder_) / origin / path;
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    // An error here is one of reading, not that nothing is there.
    return error ? absl::StatusOr<std::optional<std::string>>(
                       Failed(source.string(), error.message()))
                 : std::optional<std::string>();
  }
  std::ifstream file(source, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good() && !file.eof()) {
    return Failed(source.string(), "it cannot be read");
  }
  return std::optional(std::move(text).str());
}

}  // namespace masa::masad
