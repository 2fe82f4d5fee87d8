#include "services/telemetry/key_expiries.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSeries[] = "masa_signer_key_not_after_timestamp_seconds";

class KeyExpiriesTest : public ::testing::Test {
 protected:
  // What is written to the log while a certificate has so long to go.
  std::string Logged(absl::Duration left, bool has_successor = false) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    expiries_.Update({{"k", "1", now_ + left, has_successor}}, now_);
    return ::testing::internal::GetCapturedStdout() +
           ::testing::internal::GetCapturedStderr();
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  Metrics metrics_;
  KeyExpiries expiries_{metrics_.registry()};
};

TEST_F(KeyExpiriesTest, AreSeriesWhileTheVersionIsThere) {
  expiries_.Update({{"k", "0", now_ + absl::Hours(24 * 90), false},
                    {"k", "1", now_ + absl::Hours(24 * 91), false}},
                   now_);
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(std::string(kSeries) + "{key=\"k\",version=\"0\"} "
                                               "1797776000"));
  expiries_.Update({{"k", "1", now_ + absl::Hours(24 * 92), false}}, now_);
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("version=\"0\"")));
  EXPECT_THAT(metrics_.Text(), HasSubstr("version=\"1\""));
}

TEST_F(KeyExpiriesTest, AreSaidOnceAtEachStep) {
  EXPECT_EQ(Logged(absl::Hours(24 * 31)), "");
  EXPECT_THAT(Logged(absl::Hours(24 * 30)), HasSubstr("ends soon"));
  EXPECT_EQ(Logged(absl::Hours(24 * 29)), "");
  EXPECT_THAT(Logged(absl::Hours(24 * 6)), HasSubstr("ends soon"));
  EXPECT_THAT(Logged(absl::Hours(23)), HasSubstr("ends soon"));
  EXPECT_THAT(Logged(-absl::Hours(1)), HasSubstr("has ended"));
  EXPECT_EQ(Logged(-absl::Hours(2)), "");
}

TEST_F(KeyExpiriesTest, ASuccessorIsAllThatIsWanted) {
  EXPECT_EQ(Logged(absl::Hours(1), true), "");
}

}  // namespace
}  // namespace masa::telemetry
