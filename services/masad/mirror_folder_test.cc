// The audit log's mirror: files that are whole, and stay what they are.
#include "services/masad/mirror_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

namespace fs = std::filesystem;

class MirrorFolderTest : public ::testing::Test {
 protected:
  MirrorFolderTest() {
    std::string name = ::testing::TempDir() + "/mirror.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    home_ = name;
  }
  ~MirrorFolderTest() override { fs::remove_all(home_); }

  std::string ReadIn(MirrorFolder& mirror, const std::string& path) {
    const auto read = mirror.Read("log", path);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->value_or("(none)") : "(fault)";
  }
  int CountFiles() const {
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(home_)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  fs::path home_;
};

TEST_F(MirrorFolderTest, FilesOfOneCallAreThereAndNothingElseIs) {
  MirrorFolder mirror(home_);
  ASSERT_TRUE(mirror
                  .Write("log", {{"tile/0/x001/234", "a"},
                                 {"tile/0/x001/235", ""},
                                 {"tile/1/000", "b"}})
                  .ok());
  EXPECT_EQ(ReadIn(mirror, "tile/0/x001/234"), "a");
  EXPECT_EQ(ReadIn(mirror, "tile/0/x001/235"), "");
  EXPECT_EQ(ReadIn(mirror, "tile/1/000"), "b");
  EXPECT_EQ(ReadIn(mirror, "tile/1/001"), "(none)");
  EXPECT_EQ(CountFiles(), 3);
  EXPECT_TRUE(mirror.Write("log", {}).ok());
}

TEST_F(MirrorFolderTest, WhatIsThereStaysButForTheCheckpoint) {
  MirrorFolder mirror(home_);
  ASSERT_TRUE(mirror.Write("log", {{"checkpoint", "1"}, {"tile", "a"}}).ok());
  ASSERT_TRUE(mirror.Write("log", {{"checkpoint", "2"}, {"tile", "a"}}).ok());
  EXPECT_EQ(ReadIn(mirror, "checkpoint"), "2");
  const absl::Status other =
      mirror.Write("log", {{"next", "n"}, {"tile", "b"}, {"last", "l"}});
  EXPECT_EQ(ReasonOf(other), Reason::kMisconfigured);
  EXPECT_EQ(ReadIn(mirror, "tile"), "a");
  EXPECT_EQ(ReadIn(mirror, "last"), "(none)");
  EXPECT_EQ(ReadIn(mirror, "next"), "(none)");
  EXPECT_EQ(CountFiles(), 2) << "none of them is written";
  // Logs are apart.
  EXPECT_TRUE(mirror.Write("another", {{"tile", "b"}}).ok());
}

TEST_F(MirrorFolderTest, SaysWhatCannotBeWritten) {
  MirrorFolder mirror(home_);
  std::ofstream(home_ / "log") << "no folder";
  EXPECT_EQ(ReasonOf(mirror.Write("log", {{"tile/0/000", "a"}})),
            Reason::kStoreUnavailable);
}

// Else what was read so far would look like what somebody has changed.
TEST_F(MirrorFolderTest, SaysWhatCannotBeRead) {
  MirrorFolder mirror(home_);
  fs::create_directories(home_ / "log" / "checkpoint");
  EXPECT_EQ(ReasonOf(mirror.Read("log", "checkpoint").status()),
            Reason::kStoreUnavailable);
  EXPECT_EQ(ReasonOf(mirror.Write("log", {{"checkpoint", "1"}})),
            Reason::kStoreUnavailable);
}

TEST_F(MirrorFolderTest, ForgetsWhatAFullFileHas) {
  MirrorFolder mirror(home_);
  ASSERT_TRUE(mirror
                  .Write("log", {{"tile/0/000.p/1", "a"},
                                 {"tile/0/000.p/255", "b"},
                                 {"tile/0/001.p/1", "c"},
                                 {"tile/0/000", "d"}})
                  .ok());
  mirror.ForgetPartial("log", {"tile/0/000", "tile/0/007"});
  EXPECT_EQ(ReadIn(mirror, "tile/0/000.p/1"), "(none)");
  EXPECT_EQ(ReadIn(mirror, "tile/0/000.p/255"), "(none)");
  EXPECT_EQ(ReadIn(mirror, "tile/0/001.p/1"), "c");
  EXPECT_EQ(ReadIn(mirror, "tile/0/000"), "d");
}

TEST_F(MirrorFolderTest, AnAcceptedLossIsKeptUnderAnotherName) {
  MirrorFolder mirror(home_);
  ASSERT_TRUE(mirror.Write("log", {{"tile", "a"}}).ok());
  ASSERT_TRUE(mirror.SetAside("log", "lost-1").ok());
  EXPECT_EQ(ReadIn(mirror, "tile"), "(none)");
  EXPECT_TRUE(fs::exists(home_ / "log.lost-1" / "tile"));
  EXPECT_TRUE(mirror.Write("log", {{"tile", "b"}}).ok());
}

}  // namespace
}  // namespace masa::masad
