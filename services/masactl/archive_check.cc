#include "services/masactl/archive_check.h"

#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/wire/tar_header.h"
#include "services/wire/voucher_manifest.h"

namespace masa::masactl {
namespace {

constexpr int64_t kLargestVoucher = 1 << 20;

std::string Sha256(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// An archive and its manifest, each read from front to back.
class Checker {
 public:
  explicit Checker(const std::string& path)
      : path_(path),
        files_(path, std::ios::binary),
        lines_(path, std::ios::binary) {}

  absl::StatusOr<CheckedArchive> Run() {
    if (!files_.is_open()) {
      return absl::NotFoundError(absl::StrCat("there is no archive ", path_));
    }
    MASA_ASSIGN_OR_RETURN(const int64_t manifest, FindManifest());
    lines_.seekg(manifest + wire::kTarBlock);
    std::string line;
    std::getline(lines_, line);  // the manifest's head
    while (std::getline(lines_, line) && line != "]}") {
      if (!line.empty()) {
        MASA_RETURN_IF_ERROR(CheckLine(line));
      }
    }
    if (line != "]}") {
      return Damaged("the manifest has no end");
    }
    return at_ == manifest ? absl::StatusOr<CheckedArchive>(checked_)
                           : Damaged("the manifest does not name all files");
  }

 private:
  absl::Status Damaged(const std::string& what) const {
    return absl::DataLossError(absl::StrCat(path_, ": ", what));
  }

  std::optional<wire::TarEntry> ReadHeader(int64_t at) {
    std::string header(wire::kTarBlock, '\0');
    files_.seekg(at);
    return files_.read(header.data(), wire::kTarBlock)
               ? wire::ParseTarHeader(header)
               : std::nullopt;
  }

  absl::StatusOr<int64_t> FindManifest() {
    for (int64_t at = 0;;) {
      const auto entry = ReadHeader(at);
      if (!entry) {
        return Damaged("it has no manifest.json");
      }
      if (entry->name == wire::kManifestName) {
        return at;
      }
      at += wire::TarSpan(entry->octets);
    }
  }

  absl::Status CheckLine(const std::string& line) {
    const auto named = wire::ParseManifestEntry(line);
    if (!named.ok()) {
      return Damaged("a line of the manifest is no entry");
    }
    if (!named->reason.empty()) {
      ++checked_.refused;
      return absl::OkStatus();
    }
    const auto found = ReadHeader(at_);
    if (!found || found->name != named->file ||
        found->octets != named->octets || found->octets > kLargestVoucher) {
      return Damaged(absl::StrCat("the file ", named->file, " is missing"));
    }
    std::string octets(static_cast<size_t>(found->octets), '\0');
    if (!files_.read(octets.data(), found->octets) ||
        Sha256(octets) != named->sha256) {
      return Damaged(
          absl::StrCat("the file ", named->file, " is not as its digest says"));
    }
    at_ += wire::TarSpan(found->octets);
    ++checked_.files;
    return absl::OkStatus();
  }

  const std::string path_;
  std::ifstream files_;
  std::ifstream lines_;
  int64_t at_ = 0;  // of the next file
  CheckedArchive checked_;
};

}  // namespace

absl::StatusOr<CheckedArchive> CheckArchive(const std::string& path) {
  return Checker(path).Run();
}

}  // namespace masa::masactl
