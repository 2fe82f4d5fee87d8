// Where masactl's output goes, and what stands in it.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"
#include "services/masactl/out_place.h"
#include "services/masactl/shown.h"
#include "services/masactl/tar_file.h"
#include "services/masactl/test_run.h"
#include "services/signing/private_key.h"
#include "services/testing/test_pki.h"
#include "services/wire/utf8.h"

namespace masa::masactl {
namespace {

using ::testing::HasSubstr;

// A disk with no room, which is noticed when it is written to, or as late as
// what was kept for it goes out.
class FullDisk final : public std::streambuf {
 public:
  explicit FullDisk(bool late) : late_(late) {}

 private:
  int overflow(int c) override { return late_ ? c : traits_type::eof(); }
  int sync() override { return late_ ? -1 : 0; }

  const bool late_;
};

TEST(CommandLine, AnOutputThatCannotBeWrittenIsAFailure) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"completion", "bash"},
        std::vector<std::string>{"--help"},
        std::vector<std::string>{"device", "--help"},
        std::vector<std::string>{"--version"}}) {
    EXPECT_EQ(RunWith(words).status, 0) << words[0];
    for (const bool late : {false, true}) {
      FullDisk disk(late);
      std::ostream out(&disk);
      std::ostringstream err;
      EXPECT_EQ(masactl::Run(words, {out, err, false}), 1) << words[0] << late;
      EXPECT_EQ(err.str(), "masactl: the output cannot be written\n");
    }
  }
}

TEST(CommandLine, WhatIsNoUtf8IsNamed) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"device", "get", "S\xff"},
        std::vector<std::string>{"device", "create", "S", "--product", "p",
                                 "--set", "model=Ger\xe4t"}}) {
    const Outcome outcome = RunWith(words);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err,
                HasSubstr("what is given is UTF-8, which this is not: "));
    EXPECT_TRUE(wire::IsUtf8(outcome.err)) << outcome.err;
  }
}

// What is whole at the end takes the place of a file alone.
TEST(PlaceOf, IsAFilesOwn) {
  const std::string folder = ::testing::TempDir() + "/places";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/deep");
  std::ofstream(folder + "/deep/old") << "x";
  std::filesystem::create_symlink("deep/old", folder + "/near");
  std::filesystem::create_symlink(folder + "/near", folder + "/far");
  std::filesystem::create_symlink("deep/new", folder + "/nowhere");
  const struct {
    std::string path, place;
  } cases[] = {{"/deep/old", "/deep/old"}, {"/new", "/new"},
               {"/near", "/deep/old"},     {"/far", "/deep/old"},
               {"/nowhere", "/deep/new"},  {"/no/such", "/no/such"}};
  for (const auto& c : cases) {
    const auto place = PlaceOf(folder + c.path);
    ASSERT_TRUE(place.ok()) << place.status();
    EXPECT_EQ(*place, folder + c.place);
  }
  EXPECT_EQ(*PlaceOf("name"), "name");
}

TEST(CommandLine, WhatIsNoFileStaysAsItIs) {
  const std::string folder = ::testing::TempDir();
  const std::string pipe = folder + "/pipe", link = folder + "/link";
  std::filesystem::remove(pipe);
  std::filesystem::remove(link);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", link);
  for (const std::string& out : {pipe, link, folder}) {
    EXPECT_FALSE(TarFile::Create(out).ok()) << out;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"device", "export"},
          std::vector<std::string>{"voucher", "job", "download", "job"},
          std::vector<std::string>{"escrow", "export"}}) {
      std::vector<std::string> all = words;
      all.insert(all.end(), {"--out", out});
      const Outcome outcome = RunWith(all);
      EXPECT_EQ(outcome.status, 1);
      EXPECT_EQ(outcome.err,
                "masactl: give a file to write; this is none, and stays as it "
                "is: " +
                    out + "\n");
    }
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST(CommandLine, SharesOfAKeyAreJsonToo) {
  const std::string folder = ::testing::TempDir() + "/shares";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string pem = folder + "/key.pem", word = folder + "/passphrase";
  testing::CertificateSpec spec;
  spec.common_name = "key";
  const testing::Identity identity = testing::MakeIdentity(spec);
  std::ofstream(word) << "some words\n";
  std::ofstream(pem) << signing::PrivateKeyPem(identity.key.get(),
                                               "some words");
  const std::string one = folder + "/share-1.json",
                    two = folder + "/share-2.json";
  const Outcome split = RunWith({"key", "escrow", "split", "--json", "--pkcs8",
                                 pem, "--passphrase-file", word, "--shares",
                                 "2", "--threshold", "2", "--out", folder});
  EXPECT_EQ(split.status, 0) << split.err;
  EXPECT_EQ(split.out, "{\"shares\":[\"" + one + "\",\"" + two + "\"]}\n");
  const std::string back = folder + "/back.pem";
  const Outcome restored =
      RunWith({"key", "escrow", "restore", one, two, "--json",
               "--passphrase-file", word, "--out", back});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_EQ(restored.out, "{\"file\":\"" + back + "\"}\n");
}

TEST(Shown, IsOneLineThatMovesNoCursor) {
  const struct {
    std::string text, shown;
  } cases[] = {
      {"", ""},
      {"plain, Ger\xc3\xa4t \xe6\x97\xa5 \xf0\x9f\x98\x80",
       "plain, Ger\xc3\xa4t \xe6\x97\xa5 \xf0\x9f\x98\x80"},
      {"x\n  forged \x1b]0;pwn\x07", "x\\x0a  forged \\x1b]0;pwn\\x07"},
      {"\t\r\x7f", "\\x09\\x0d\\x7f"},
      {std::string("\0", 1), "\\x00"},
      {"\xc2\x9b", "\\xc2\\x9b"},
      {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
      {"Ger\xe4t", "Ger\\xe4t"},
      {"\xe2\x82", "\\xe2\\x82"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Shown(c.text), c.shown);
  }
}

}  // namespace
}  // namespace masa::masactl
