#include "services/rpc/library_log.h"

#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "gtest/gtest.h"

namespace masa::rpc {
namespace {

std::vector<std::string>& Heard() {
  static auto& heard = *new std::vector<std::string>();
  return heard;
}

TEST(OncePerSecond, CountsWhatItLeavesOut) {
  OncePerSecond limit;
  const absl::Time begun = absl::UnixEpoch();
  EXPECT_EQ(limit.Take(begun), 0);
  EXPECT_EQ(limit.Take(begun + absl::Milliseconds(999)), std::nullopt);
  EXPECT_EQ(limit.Take(begun + absl::Milliseconds(999)), std::nullopt);
  EXPECT_EQ(limit.Take(begun + absl::Seconds(1)), 2);
  EXPECT_EQ(limit.Take(begun + absl::Seconds(2)), 0);
  EXPECT_EQ(limit.Take(begun - absl::Hours(1)), 0);
  EXPECT_EQ(limit.Take(begun - absl::Hours(1)), std::nullopt);
}

TEST(LibraryLog, NamesNoAddress) {
  EXPECT_EQ(
      LibraryText("src/core/x.cc", 7,
                  "peer \"ipv4:192.0.2.1:4711\" of ipv6:%5B::1%5D:5 left"),
      "peer (address) of (address) left (x.cc:7)");
}

TEST(LibraryLog, IsSilentWhereNobodyWantsToHear) {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_DEBUG);  // as grpc_init would
  SilenceLibraryLog();
  ::testing::internal::CaptureStderr();
  gpr_log(GPR_ERROR, "no handshake");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

// Whoever sends what is no UTF-8 writes no lines.
TEST(LibraryLog, IsSilentOfMessagesThatDoNotParse) {
  SilenceLibraryLog();
  ::testing::internal::CaptureStderr();
  GOOGLE_LOG(ERROR) << "invalid UTF-8";
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(LibraryLog, SaysErrorsAndNothingLess) {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_DEBUG);
  SendLibraryLogTo([](const std::string& text, int64_t left_out) {
    Heard().push_back(text);
  });
  ::testing::internal::CaptureStderr();
  gpr_log(GPR_INFO, "good to know");
  gpr_log(GPR_ERROR, "no %s", "handshake");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ASSERT_EQ(Heard().size(), 1u);
  EXPECT_EQ(Heard().front().find("no handshake (library_log_test.cc:"), 0u)
      << Heard().front();
  ::testing::internal::CaptureStderr();
  GOOGLE_LOG(ERROR) << "invalid UTF-8";
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "")
      << "it goes where the others go, of which one is said in a second";
}

}  // namespace
}  // namespace masa::rpc
