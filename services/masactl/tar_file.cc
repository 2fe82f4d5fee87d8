#include "services/masactl/tar_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "services/masactl/out_place.h"
#include "services/status/macros.h"
#include "services/wire/tar_header.h"

namespace masa::masactl {
namespace {

absl::Status CannotWrite(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat("the file cannot be written: ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TarFile>> TarFile::Create(
    const std::string& out) {
  MASA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(out));
  std::string part = path + ".XXXXXX";
  const int descriptor = mkstemp(part.data());  // mode 0600
  std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
  if (file == nullptr) {
    return CannotWrite(path);
  }
  return std::unique_ptr<TarFile>(new TarFile(path, part, file));
}

TarFile::~TarFile() {
  if (file_ != nullptr) {
    (void)std::fclose(file_);
    (void)std::remove(part_.c_str());
  }
}

absl::Status TarFile::Write(const std::string& octets) {
  return std::fwrite(octets.data(), 1, octets.size(), file_) == octets.size()
             ? absl::OkStatus()
             : CannotWrite(path_);
}

absl::Status TarFile::Add(const std::string& name, const std::string& content,
                          absl::Time modified) {
  const auto octets = static_cast<int64_t>(content.size());
  if (name.empty() ||
      static_cast<int64_t>(name.size()) > wire::kTarLongestName ||
      octets > wire::kTarLargestFile) {
    return absl::InvalidArgumentError(
        absl::StrCat("an archive has no room for ", name));
  }
  MASA_RETURN_IF_ERROR(Write(wire::TarHeader(name, octets, modified)));
  MASA_RETURN_IF_ERROR(Write(content));
  return Write(std::string(wire::TarPadding(octets), '\0'));
}

absl::Status TarFile::Finish() {
  MASA_RETURN_IF_ERROR(Write(std::string(wire::kTarEnd, '\0')));
  const bool flushed = std::fflush(file_) == 0 && fsync(fileno(file_)) == 0;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!flushed || !closed || std::rename(part_.c_str(), path_.c_str()) != 0) {
    (void)std::remove(part_.c_str());
    return CannotWrite(path_);
  }
  return absl::OkStatus();
}

}  // namespace masa::masactl
