#include "services/masactl/escrow_folder.h"

#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"

namespace masa::masactl {
namespace fs = std::filesystem;

namespace {

constexpr char kBundleEnding[] = ".tar";
constexpr char kDigestEnding[] = ".sha256";
constexpr char kTime[] = "%Y%m%dT%H%M%SZ";
constexpr size_t kTimeLength = 16;  // as kTime writes it

std::string StemOf(const std::string& organization) {
  std::string stem;
  for (const char c : organization) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       c == '-' || c == '_';
    stem += plain ? c : '_';
  }
  return stem + "-";
}

absl::StatusOr<std::string> DigestOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> octets(1 << 20);
  SHA256_CTX digest;
  SHA256_Init(&digest);
  while (file.read(octets.data(), octets.size()) || file.gcount() > 0) {
    SHA256_Update(&digest, octets.data(), file.gcount());
  }
  if (!file.eof()) {
    return absl::DataLossError(absl::StrCat("the file cannot be read: ", path));
  }
  std::string value(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<uint8_t*>(value.data()), &digest);
  return absl::BytesToHexString(value);
}

// Whether the file is a bundle of the organisation, or stands beside one.
bool IsOf(const std::string& name, const std::string& stem) {
  return absl::StartsWith(name, stem) &&
         name.find(kBundleEnding) == stem.size() + kTimeLength;
}

}  // namespace

std::string BundlePath(const std::string& folder,
                       const std::string& organization, absl::Time now) {
  return absl::StrCat(folder, "/", StemOf(organization),
                      absl::FormatTime(kTime, now, absl::UTCTimeZone()),
                      kBundleEnding);
}

absl::Status WriteDigest(const std::string& written, const std::string& path) {
  const auto digest = DigestOf(written);
  if (!digest.ok()) {
    return digest.status();
  }
  const std::string target = path + kDigestEnding;
  const std::string part = target + ".part";
  const std::string line =
      absl::StrCat(*digest, "  ", fs::path(path).filename().string(), "\n");
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(part.c_str(), "w"), std::fclose);
  const bool is_written =
      file != nullptr &&
      std::fwrite(line.data(), 1, line.size(), file.get()) == line.size() &&
      std::fflush(file.get()) == 0 && fsync(fileno(file.get())) == 0 &&
      std::rename(part.c_str(), target.c_str()) == 0;
  return is_written ? absl::OkStatus()
                    : absl::InvalidArgumentError(
                          absl::StrCat("the file cannot be written: ", target));
}

absl::Status KeepNewest(const std::string& folder,
                        const std::string& organization, int keep) {
  if (keep <= 0) {
    return absl::OkStatus();
  }
  const std::string stem = StemOf(organization);
  const auto bundle_of = [&stem](const std::string& name) {
    return name.substr(0,
                       stem.size() + kTimeLength + sizeof(kBundleEnding) - 1);
  };
  std::error_code error;
  std::set<std::string> bundles;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (IsOf(name, stem)) {
      files.push_back(name);
    }
    if (IsOf(name, stem) && absl::EndsWith(name, kBundleEnding)) {
      bundles.insert(name);
    }
  }
  while (bundles.size() > static_cast<size_t>(keep)) {
    bundles.erase(bundles.begin());
  }
  for (const std::string& name : files) {
    if (!error && !bundles.contains(bundle_of(name))) {
      fs::remove(fs::path(folder) / name, error);
    }
  }
  return error ? absl::InvalidArgumentError(absl::StrCat(
                     "old bundles stay in ", folder, ": ", error.message()))
               : absl::OkStatus();
}

}  // namespace masa::masactl
