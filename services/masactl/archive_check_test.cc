// What is said of an archive whose files are not as its manifest says.
#include "services/masactl/archive_check.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "services/masactl/tar_file.h"
#include "services/wire/voucher_manifest.h"

namespace masa::masactl {
namespace {

std::string Sha256(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

class ArchiveCheck : public ::testing::Test {
 protected:
  // Names the file `name`, as if it held `octets`.
  void Name(const std::string& name, const std::string& octets) {
    wire::ManifestEntry entry;
    entry.serial_number = name;
    entry.file = name;
    entry.voucher_id = std::string(16, 'v');
    entry.octets = static_cast<int64_t>(octets.size());
    entry.sha256 = Sha256(octets);
    AddLine(entry);
  }
  void NameRefused(const std::string& serial) {
    wire::ManifestEntry entry;
    entry.serial_number = serial;
    entry.reason = "DEVICE_BLOCKED";
    AddLine(entry);
  }
  void AddLine(const wire::ManifestEntry& entry) {
    absl::StrAppend(&lines_, lines_.empty() ? "" : wire::kManifestSeparator,
                    wire::EncodeManifestEntry(entry));
  }

  absl::StatusOr<CheckedArchive> Check(
      const std::vector<std::pair<std::string, std::string>>& files) {
    const std::string path = ::testing::TempDir() + "/checked.tar";
    const auto tar = TarFile::Create(path);
    for (const auto& [name, octets] : files) {
      EXPECT_TRUE((*tar)->Add(name, octets, absl::UnixEpoch()).ok());
    }
    EXPECT_TRUE(
        (*tar)
            ->Add(wire::kManifestName,
                  wire::EncodeManifestHead({}) + lines_ + wire::ManifestTail(),
                  absl::UnixEpoch())
            .ok());
    EXPECT_TRUE((*tar)->Finish().ok());
    return CheckArchive(path);
  }

  std::string lines_;
};

TEST_F(ArchiveCheck, CountsWhatIsAsItsDigestSays) {
  Name("a", "1");
  NameRefused("x");
  Name("b", std::string(2000, 'b'));
  const auto checked = Check({{"a", "1"}, {"b", std::string(2000, 'b')}});
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->files, 2);
  EXPECT_EQ(checked->refused, 1);
}

TEST_F(ArchiveCheck, NamesWhatIsNot) {
  Name("a", "1");
  Name("b", "2");
  using Files = std::vector<std::pair<std::string, std::string>>;
  const struct {
    Files files;
    const char* said;
  } rows[] = {
      {{{"a", "1"}, {"b", "3"}}, "b is not as its digest says"},
      {{{"a", "1"}}, "b is missing"},
      {{{"b", "2"}, {"a", "1"}}, "a is missing"},
      {{{"a", "1"}, {"b", "22"}}, "b is missing"},
      {{{"a", "1"}, {"b", "2"}, {"c", "3"}}, "does not name all files"},
  };
  for (const auto& row : rows) {
    const absl::Status status = Check(row.files).status();
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_TRUE(absl::StrContains(std::string(status.message()), row.said))
        << status;
  }
}

TEST_F(ArchiveCheck, HalfAnArchiveIsNone) {
  const std::string path = ::testing::TempDir() + "/half.tar";
  std::ofstream(path) << std::string(700, 'x');
  EXPECT_TRUE(absl::IsDataLoss(CheckArchive(path).status()));
  EXPECT_TRUE(absl::IsNotFound(CheckArchive(path + ".none").status()));
}

}  // namespace
}  // namespace masa::masactl
