#include "services/rpc/end_process.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace masa::rpc {
namespace {

constexpr int kCode = 3;

TEST(EndProcess, RunsNothingThatWaitsForTheExit) {
  EXPECT_EXIT(
      {
        std::atexit([] { std::fputs("freed under running threads", stderr); });
        EndProcess(kCode);
      },
      ::testing::ExitedWithCode(kCode), "^$");
}

TEST(EndProcess, LosesNothingThatWasPrinted) {
  const std::string path = ::testing::TempDir() + "/printed";
  EXPECT_EXIT(
      {
        std::fputs("a line", std::fopen(path.c_str(), "w"));
        EndProcess(kCode);
      },
      ::testing::ExitedWithCode(kCode), "");
  std::FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  char line[16] = {};
  EXPECT_STREQ(std::fgets(line, sizeof(line), file), "a line");
  std::fclose(file);
}

}  // namespace
}  // namespace masa::rpc
