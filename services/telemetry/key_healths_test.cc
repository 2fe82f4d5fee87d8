// Which keys can be used, as series and as lines of the log.
#include "services/telemetry/key_healths.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Status kEnded = Refuse(Reason::kMisconfigured, "it has ended");

class KeyHealthsTest : public ::testing::Test {
 protected:
  // What is written to the log when this is how keys are.
  std::string Logged(const std::vector<issuance::KeyHealth>& keys) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    healths_.Update(keys);
    return ::testing::internal::GetCapturedStdout() +
           ::testing::internal::GetCapturedStderr();
  }
  static std::string Series(const std::string& key, int value) {
    return "masa_signer_key_usable{key=\"" + key + "\"} " +
           std::to_string(value) + "\n";
  }

  Metrics metrics_;
  KeyHealths healths_{metrics_.registry()};
};

TEST_F(KeyHealthsTest, SayOnceWhoseKeyCannotBeUsedAndThatItCanAgain) {
  EXPECT_EQ(Logged({{"acme", "k", {}}, {"acme", "l", {}}}), "");
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("k", 1)));
  const std::string said = Logged({{"acme", "k", kEnded}, {"acme", "l", {}}});
  EXPECT_THAT(said, HasSubstr("tenant acme: it has ended"));
  EXPECT_THAT(said, Not(HasSubstr("\"l\"")));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("k", 0)));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("l", 1)));
  EXPECT_EQ(Logged({{"acme", "k", kEnded}, {"acme", "l", {}}}), "");
  EXPECT_THAT(Logged({{"acme", "k", {}}, {"acme", "l", {}}}),
              HasSubstr("can be used again"));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("k", 1)));
}

TEST_F(KeyHealthsTest, OneTenantsFaultIsTheKeysWhoeverComesAfter) {
  EXPECT_THAT(Logged({{"acme", "k", kEnded}, {"globex", "k", {}}}),
              HasSubstr("tenant acme"));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("k", 0)));
}

TEST_F(KeyHealthsTest, AKeyThatNoProductNamesHasNoSeries) {
  Logged({{"acme", "k", {}}, {"acme", "l", {}}});
  Logged({{"acme", "l", {}}});
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("{key=\"k\"}")));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Series("l", 1)));
}

}  // namespace
}  // namespace masa::telemetry
