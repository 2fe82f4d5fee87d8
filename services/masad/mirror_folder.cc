#include "services/masad/mirror_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/config/yaml_reader.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {

namespace fs = std::filesystem;

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

absl::Status WriteWhole(const Descriptor& file, const std::string& path,
                        const std::string& octets) {
  if (file.number() < 0) {
    return Failed(path);
  }
  for (size_t done = 0; done < octets.size();) {
    const ssize_t written =
        write(file.number(), octets.data() + done, octets.size() - done);
    if (written < 0 && errno != EINTR) {
      return Failed(path);
    }
    done += written > 0 ? static_cast<size_t>(written) : 0;
  }
  // Begins what fsync waits for, so that the first fsync's turn of the journal
  // has all files in it. Not every file system can; fsync says what matters.
  (void)sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& folder) {
  const Descriptor opened(folder, O_RDONLY | O_DIRECTORY);
  return fsync(opened.number()) == 0 ? absl::OkStatus() : Failed(folder);
}

// Two processes may write the same file: each has a name of its own for it, and
// the same one after a restart. In containers all have the same process id.
std::string NameOfWriter() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "-", getpid());
}

}  // namespace

absl::StatusOr<std::unique_ptr<MirrorFolder>> MirrorFolder::Open(
    std::string folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Refuse(
        Reason::kMisconfigured,
        absl::StrCat("authority.audit.mirror_folder is no folder: ", folder));
  }
  return std::make_unique<MirrorFolder>(std::move(folder));
}

absl::StatusOr<bool> MirrorFolder::IsThere(const std::string& origin,
                                           const issuance::MirrorFile& file) {
  MASA_ASSIGN_OR_RETURN(const auto there, Read(origin, file.path));
  if (there && *there != file.octets &&
      file.path != issuance::kCheckpointFile) {
    return Refuse(
        Reason::kMisconfigured,
        absl::StrCat("the audit log's mirror has another ",
                     PathOf(origin, file.path).string(), " than the database"));
  }
  return there == file.octets;
}

absl::Status MirrorFolder::MakeFolder(const fs::path& folder,
                                      std::set<fs::path>& changed) {
  std::error_code error;
  // Those above it, too, have a new name in them.
  for (fs::path made = folder; !fs::exists(made, error) && !error;
       made = made.parent_path()) {
    changed.insert(made.parent_path());
  }
  if (!error) {
    fs::create_directories(folder, error);
  }
  changed.insert(folder);
  return error ? Failed(folder.string(), error.message()) : absl::OkStatus();
}

absl::StatusOr<std::vector<const issuance::MirrorFile*>> MirrorFolder::Missing(
    const std::string& origin, absl::Span<const issuance::MirrorFile> files) {
  std::vector<const issuance::MirrorFile*> missing;
  for (const issuance::MirrorFile& file : files) {
    MASA_ASSIGN_OR_RETURN(const bool is_there, IsThere(origin, file));
    if (!is_there) {
      missing.push_back(&file);
    }
  }
  return missing;
}

// All written under other names, then all synced, then all renamed, then each
// folder synced once: a folder's sync costs as much as a file's, and a file's
// half as much when others were written before it.
absl::Status MirrorFolder::Write(const std::string& origin,
                                 absl::Span<const issuance::MirrorFile> files) {
  MASA_ASSIGN_OR_RETURN(const auto missing, Missing(origin, files));
  const std::string writer = NameOfWriter();
  std::set<fs::path> changed;
  std::vector<std::pair<std::string, std::string>> renames;
  std::deque<Descriptor> open_files;
  for (const issuance::MirrorFile* file : missing) {
    const fs::path target = PathOf(origin, file->path);
    MASA_RETURN_IF_ERROR(MakeFolder(target.parent_path(), changed));
    const std::string whole = absl::StrCat(target.string(), ".new-", writer);
    const Descriptor& opened =
        open_files.emplace_back(whole, O_WRONLY | O_CREAT | O_TRUNC);
    MASA_RETURN_IF_ERROR(WriteWhole(opened, whole, file->octets));
    renames.emplace_back(whole, target.string());
  }
  for (size_t i = 0; i < renames.size(); ++i) {
    if (fsync(open_files[i].number()) != 0) {
      return Failed(renames[i].first);
    }
  }
  for (const auto& [from, to] : renames) {
    if (rename(from.c_str(), to.c_str()) != 0) {
      return Failed(to);
    }
  }
  for (const fs::path& folder : changed) {
    MASA_RETURN_IF_ERROR(SyncFolder(folder.string()));
  }
  return absl::OkStatus();
}

void MirrorFolder::ForgetPartial(const std::string& origin,
                                 absl::Span<const std::string> full_paths) {
  for (const std::string& path : full_paths) {
    fs::path partial = PathOf(origin, path);
    partial += ".p";
    std::error_code it_stays;
    fs::remove_all(partial, it_stays);
  }
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
  const fs::path source = PathOf(origin, path);
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    // An error here is one of reading, not that nothing is there.
    return error ? absl::StatusOr<std::optional<std::string>>(
                       Failed(source.string(), error.message()))
                 : std::optional<std::string>();
  }
  std::string octets;
  return config::ReadFile(source.string(), &octets)
             ? absl::StatusOr<std::optional<std::string>>(std::move(octets))
             : Failed(source.string(), "it cannot be read");
}

}  // namespace masa::masad
