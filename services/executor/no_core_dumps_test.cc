#include "services/executor/no_core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace masa {
namespace {

// In a child, which ends with 0 where all is as it should be: the limit cannot
// be lifted again.
[[noreturn]] void ForbidAndLook() {
  rlimit limit = {1, 1};
  const bool is_forbidden = ForbidCoreDumps() &&
                            getrlimit(RLIMIT_CORE, &limit) == 0 &&
                            limit.rlim_cur == 0 && limit.rlim_max == 0 &&
                            prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  std::_Exit(is_forbidden ? 0 : 1);
}

TEST(ForbidCoreDumps, OfThisProcess) {
  EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
  EXPECT_EXIT(ForbidAndLook(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace masa
