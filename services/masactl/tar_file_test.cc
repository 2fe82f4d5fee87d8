// The archive that `voucher export` writes, read by the system's own tar
// (SZ-02), and by nobody else (SZ-15).
#include "services/masactl/tar_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/testing/child_process.h"

namespace masa::masactl {
namespace {

using ::testing::HasSubstr;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

class TarFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(
        ::testing::TempDir(), "/tar-",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    path_ = folder_ + "/vouchers.tar";
  }

  // What tar says with these words and the archive.
  std::string Tar(const std::string& words, const std::string& member = "") {
    const std::string out = folder_ + "/out";
    std::remove(out.c_str());
    std::vector<std::string> all = {"/usr/bin/tar", words, path_};
    if (!member.empty()) {
      all.push_back(member);
    }
    EXPECT_EQ(testing::ChildProcess(all, out).Wait(), 0) << Read(out);
    return Read(out);
  }

  size_t FilesInFolder() {
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      count += file.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  std::string folder_;
  std::string path_;
  const absl::Time modified_ = absl::FromUnixSeconds(1'790'000'000);
};

TEST_F(TarFileTest, IsReadByTar) {
  const std::string block(512, 'b');
  const std::string odd = std::string("with\0zeros\xff", 11);
  const std::string longest(100, 'n');
  auto archive = TarFile::Create(path_);
  ASSERT_TRUE(archive.ok()) << archive.status();
  ASSERT_TRUE((*archive)->Add("S-1.vcj", odd, modified_).ok());
  ASSERT_TRUE((*archive)->Add("S-2.vcj", block, modified_).ok());
  ASSERT_TRUE((*archive)->Add(longest, "", modified_).ok());
  ASSERT_TRUE((*archive)->Finish().ok());
  const std::string listed = Tar("-tvf");
  EXPECT_THAT(listed, HasSubstr("-rw------- 0/0"));
  EXPECT_THAT(listed, HasSubstr("S-1.vcj"));
  EXPECT_THAT(listed, HasSubstr("2026-09-21"));
  EXPECT_THAT(listed, HasSubstr(longest));
  EXPECT_EQ(Tar("-xOf", "S-1.vcj"), odd);
  EXPECT_EQ(Tar("-xOf", "S-2.vcj"), block);
  EXPECT_EQ(Tar("-xOf", longest), "");
}

// SZ-15.
TEST_F(TarFileTest, OnlyItsUserMayReadIt) {
  std::ofstream(path_) << "what was there";
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  auto archive = TarFile::Create(path_);
  ASSERT_TRUE(archive.ok());
  ASSERT_TRUE((*archive)->Finish().ok());
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(TarFileTest, AppearsWholeOrNotAtAll) {
  std::ofstream(path_) << "what was there";
  {
    auto archive = TarFile::Create(path_);
    ASSERT_TRUE((*archive)->Add("a", "b", modified_).ok());
  }
  EXPECT_EQ(Read(path_), "what was there");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(TarFileTest, RefusesWhatHasNoPlace) {
  EXPECT_FALSE(TarFile::Create(folder_ + "/no/such/folder/x.tar").ok());
  auto archive = TarFile::Create(path_);
  EXPECT_FALSE((*archive)->Add("", "x", modified_).ok());
  EXPECT_FALSE((*archive)->Add(std::string(101, 'n'), "x", modified_).ok());
}

}  // namespace
}  // namespace masa::masactl
