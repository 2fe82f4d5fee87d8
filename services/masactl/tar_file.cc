#include "services/masactl/tar_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kLongestName = 100;
constexpr size_t kLargest = 8ull * 1024 * 1024 * 1024 - 1;  // 11 octal digits

// Where each field of a header begins (IEEE Std 1003.1, pax, ustar).
constexpr size_t kMode = 100;
constexpr size_t kUid = 108;
constexpr size_t kGid = 116;
constexpr size_t kSize = 124;
constexpr size_t kModified = 136;
constexpr size_t kChecksum = 148;
constexpr size_t kType = 156;
constexpr size_t kMagic = 257;

void Put(std::string& header, size_t at, const std::string& value) {
  header.replace(at, value.size(), value);
}

std::string Header(const std::string& name, size_t size, absl::Time modified) {
  std::string header(kBlock, '\0');
  Put(header, 0, name);
  Put(header, kMode, "0000600");
  Put(header, kUid, "0000000");
  Put(header, kGid, "0000000");
  Put(header, kSize, absl::StrFormat("%011o", size));
  Put(header, kModified,
      absl::StrFormat("%011o",
                      std::max<int64_t>(0, absl::ToUnixSeconds(modified))));
  Put(header, kType, "0");
  Put(header, kMagic,
      std::string("ustar\0"
                  "00",
                  8));
  // The sum of all octets, its own field taken as spaces.
  Put(header, kChecksum, std::string(8, ' '));
  unsigned sum = 0;
  for (const unsigned char octet : header) {
    sum += octet;
  }
  Put(header, kChecksum, absl::StrFormat("%06o", sum) + std::string("\0 ", 2));
  return header;
}

absl::Status CannotWrite(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat("the file cannot be written: ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TarFile>> TarFile::Create(
    const std::string& path) {
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
  if (name.empty() || name.size() > kLongestName || content.size() > kLargest) {
    return absl::InvalidArgumentError(
        absl::StrCat("an archive has no room for ", name));
  }
  const size_t padding = (kBlock - content.size() % kBlock) % kBlock;
  MASA_RETURN_IF_ERROR(Write(Header(name, content.size(), modified)));
  MASA_RETURN_IF_ERROR(Write(content));
  return Write(std::string(padding, '\0'));
}

absl::Status TarFile::Finish() {
  MASA_RETURN_IF_ERROR(Write(std::string(2 * kBlock, '\0')));
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
