#include "services/masactl/escrow_folder.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "gtest/gtest.h"

namespace masa::masactl {
namespace {

class EscrowFolder : public ::testing::Test {
 protected:
  EscrowFolder()
      : folder_(
            std::string(::testing::TempDir()) + "/" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  void Write(const std::string& name, const std::string& text = "x") {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  const std::string folder_;
};

TEST_F(EscrowFolder, NamesTellOrganisationAndTime) {
  const absl::Time at = absl::FromUnixSeconds(1'790'000'000);
  EXPECT_EQ(BundlePath("/f", "org-acme", at),
            "/f/org-acme-20260921T141320Z.tar");
  EXPECT_EQ(BundlePath("/f", "../a b", at), "/f/___a_b-20260921T141320Z.tar");
}

TEST_F(EscrowFolder, ADigestIsAsSha256sumReadsIt) {
  Write("part", "abc");
  ASSERT_TRUE(WriteDigest(folder_ + "/part", folder_ + "/b.tar").ok());
  std::ifstream file(folder_ + "/b.tar.sha256");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            "  b.tar");
  EXPECT_EQ(Names(), (std::set<std::string>{"part", "b.tar.sha256"}));
  EXPECT_FALSE(WriteDigest(folder_ + "/none", folder_ + "/b.tar").ok());
  EXPECT_FALSE(WriteDigest(folder_ + "/part", folder_ + "/no/b.tar").ok());
}

TEST_F(EscrowFolder, TheNewestOfEachOrganisationStay) {
  const std::string old = "org-a-20260101T000000Z.tar";
  const std::string middle = "org-a-20260201T000000Z.tar";
  const std::string newest = "org-a-20260301T000000Z.tar";
  const std::set<std::string> others = {"org-a-b-20260101T000000Z.tar",
                                        "org-20260101T000000Z.tar", "notes.txt",
                                        "org-a-x.tar"};
  for (const std::string& name : {old, middle, newest}) {
    Write(name);
    Write(name + ".sha256");
  }
  // A broken export.
  Write("org-a-20260102T000000Z.tar.part");
  Write("org-a-20260102T000000Z.tar.sha256");
  for (const std::string& name : others) {
    Write(name);
  }
  const auto before = Names();
  ASSERT_TRUE(KeepNewest(folder_, "org-a", 0).ok());
  EXPECT_EQ(Names(), before);
  ASSERT_TRUE(KeepNewest(folder_, "org-a", 2).ok());
  std::set<std::string> expected = others;
  expected.insert({middle, middle + ".sha256", newest, newest + ".sha256"});
  EXPECT_EQ(Names(), expected);
  EXPECT_FALSE(KeepNewest(folder_ + "/none", "org-a", 2).ok());
}

}  // namespace
}  // namespace masa::masactl
