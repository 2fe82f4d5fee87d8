#include "services/masactl/device_file.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr int kMostDevices = 1000;
constexpr size_t kMostOctets = 1 << 20;
constexpr char kUtf8Mark[] = "\xef\xbb\xbf";

absl::Status CannotRead(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat("the file cannot be read: ", path));
}

// At most 64 KiB from `offset`.
std::string Piece(std::ifstream& file, std::streamoff offset) {
  std::string piece(64 << 10, '\0');
  file.clear();
  file.seekg(offset);
  file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  piece.resize(static_cast<size_t>(file.gcount()));
  file.clear();
  return piece;
}

std::string MarkOf(std::ifstream& file, const struct stat& facts) {
  const std::streamoff tail =
      std::max<std::streamoff>(0, facts.st_size - (64 << 10));
  const std::string identity = absl::StrCat(
      facts.st_size, ":", facts.st_mtim.tv_sec, ".", facts.st_mtim.tv_nsec, ":",
      Piece(file, 0), Piece(file, tail));
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(identity.data()), identity.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return absl::BytesToHexString(digest.substr(0, 16));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceFile>> DeviceFile::Open(
    const std::string& path) {
  std::unique_ptr<DeviceFile> made(new DeviceFile());
  struct stat facts = {};
  made->file_.open(path, std::ios::binary);
  // What cannot be gone back in, a pipe, could not be gone on with.
  if (!made->file_.is_open() || stat(path.c_str(), &facts) != 0 ||
      !S_ISREG(facts.st_mode)) {
    return CannotRead(path);
  }
  made->size_ = facts.st_size;
  made->mark_ = MarkOf(made->file_, facts);
  // The mark that Excel begins UTF-8 with is none of the header's.
  made->file_.seekg(Piece(made->file_, 0).rfind(kUtf8Mark, 0) == 0
                        ? sizeof(kUtf8Mark) - 1
                        : 0);
  made->reader_ = std::make_unique<CsvReader>(made->file_);
  MASA_ASSIGN_OR_RETURN(const CsvRecord header, made->reader_->Next());
  MASA_ASSIGN_OR_RETURN(made->columns_, DeviceColumns::Create(header.fields));
  made->places_.push_back({made->file_.tellg(), made->reader_->line()});
  return made;
}

absl::StatusOr<FileChunk> DeviceFile::Next() {
  FileChunk chunk;
  chunk.sequence = sequence_ + 1;
  size_t octets = 0;
  while (chunk.list.devices_size() < kMostDevices && octets < kMostOctets) {
    MASA_ASSIGN_OR_RETURN(const CsvRecord record, reader_->Next());
    if (record.fields.empty()) {
      break;
    }
    auto device = columns_.Read(record.fields);
    if (!device.ok()) {
      chunk.rejected.emplace_back(record.line,
                                  std::string(device.status().message()));
      continue;
    }
    octets += device->ByteSizeLong();
    *chunk.list.add_devices() = *std::move(device);
    chunk.lines.push_back(record.line);
  }
  if (chunk.list.devices_size() > 0) {
    file_.clear();  // at the end, a place is none until this
    ++sequence_;
    places_.resize(sequence_);
    places_.push_back({file_.tellg(), reader_->line()});
  }
  return chunk;
}

void DeviceFile::GoBack(uint64_t sequence) {
  const Place& place = places_.at(sequence);
  file_.clear();
  file_.seekg(place.offset);
  reader_ = std::make_unique<CsvReader>(file_, place.line);
  sequence_ = sequence;
}

double DeviceFile::Share() const {
  const Place& place = places_.at(sequence_);
  return size_ == 0
             ? 1.0
             : static_cast<double>(place.offset) / static_cast<double>(size_);
}

}  // namespace masa::masactl
