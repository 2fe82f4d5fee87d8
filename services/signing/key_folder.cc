#include "services/signing/key_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr size_t kLongestFile = 65536;

absl::Status Failed(const KeyName& name) {
  return Refuse(Reason::kSignerUnavailable,
                absl::StrCat("the file of signing key ", NameOf(name),
                             " cannot be used"));
}

// Closes what it holds.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

bool WriteAll(int descriptor, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        write(descriptor, text.data() + done, text.size() - done);
    if (count <= 0) {
      return false;
    }
    done += static_cast<size_t>(count);
  }
  return fsync(descriptor) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const KeyFolder>> KeyFolder::Open(
    const std::string& path, const std::string& passphrase) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("signer.key_folder is no folder: ", path));
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("signer.key_folder is for its owner alone (mode "
                               "0700): ",
                               path));
  }
  if (passphrase.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "signer.key_folder needs a passphrase in "
                  "signer.key_passphrase_file");
  }
  return std::unique_ptr<const KeyFolder>(new KeyFolder(path, passphrase));
}

std::string KeyFolder::FileOf(const KeyName& name) const {
  return absl::StrCat(path_, "/", NameOf(name), ".pem");
}

absl::StatusOr<std::optional<std::string>> KeyFolder::Read(
    const KeyName& name) const {
  if (!IsPlainKeyName(name.key)) {
    return std::optional<std::string>();
  }
  const File file(open(FileOf(name).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return errno == ENOENT
               ? absl::StatusOr<std::optional<std::string>>(std::nullopt)
               : Failed(name);
  }
  std::string text(kLongestFile, '\0');
  size_t length = 0;
  while (length < text.size()) {
    const ssize_t count =
        read(file.get(), text.data() + length, text.size() - length);
    if (count < 0) {
      return Failed(name);
    }
    if (count == 0) {
      break;
    }
    length += static_cast<size_t>(count);
  }
  text.resize(length);
  return std::optional<std::string>(std::move(text));
}

// Written whole under another name first, then given its own, which fails when
// that is taken: nobody ever reads half of a key, and none is lost.
absl::Status KeyFolder::Write(const KeyName& name,
                              const std::string& pem) const {
  if (!IsPlainKeyName(name.key)) {
    return Failed(name);
  }
  std::string made = absl::StrCat(path_, "/.new.XXXXXX");
  const File file(mkostemp(made.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return Failed(name);
  }
  absl::Status status;
  if (!WriteAll(file.get(), pem)) {
    status = Failed(name);
  } else if (link(made.c_str(), FileOf(name).c_str()) != 0) {
    status = errno == EEXIST ? Refuse(Reason::kStateNotAllowed,
                                      absl::StrCat("signing key ", NameOf(name),
                                                   " is there already"))
                             : Failed(name);
  }
  unlink(made.c_str());
  return status.ok() && !IsFolderSynced() ? Failed(name) : status;
}

bool KeyFolder::IsFolderSynced() const {
  const File folder(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.get() >= 0 && fsync(folder.get()) == 0;
}

absl::Status KeyFolder::Remove(const KeyName& name) const {
  if (!IsPlainKeyName(name.key)) {
    return absl::OkStatus();
  }
  const bool is_gone = unlink(FileOf(name).c_str()) == 0 || errno == ENOENT;
  return is_gone && IsFolderSynced() ? absl::OkStatus() : Failed(name);
}

}  // namespace masa::signing
