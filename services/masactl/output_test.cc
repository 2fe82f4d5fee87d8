// Where masactl's output goes, and what stands in it.

#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"
#include "services/masactl/test_run.h"

namespace masa::masactl {
namespace {

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

}  // namespace
}  // namespace masa::masactl
