#include "services/edge/source_limits.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace masa::edge {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

boost::asio::ip::address Address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

// Whether `source` gets through.
bool Passes(SourceLimits& limits, const std::string& source,
            absl::Time now = kNow) {
  return limits.Take(Address(source), now) == absl::ZeroDuration();
}

// SE-01: so many at once, then one at a time.
TEST(SourceLimits, HoldsASourceToItsRate) {
  SourceLimits limits({.requests = 60, .burst = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Passes(limits, "192.0.2.1"));
  }
  EXPECT_EQ(limits.Take(Address("192.0.2.1"), kNow), absl::Seconds(1));
  EXPECT_FALSE(Passes(limits, "192.0.2.1", kNow + absl::Milliseconds(999)));
  EXPECT_TRUE(Passes(limits, "192.0.2.1", kNow + absl::Seconds(1)));
  EXPECT_FALSE(Passes(limits, "192.0.2.1", kNow + absl::Seconds(1)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Passes(limits, "192.0.2.1", kNow + absl::Hours(1)));
  }
  EXPECT_FALSE(Passes(limits, "192.0.2.1", kNow + absl::Hours(1)));
}

TEST(SourceLimits, ANetworkOfSixIsOneSource) {
  SourceLimits limits({.requests = 1, .burst = 1});
  EXPECT_TRUE(Passes(limits, "192.0.2.1"));
  EXPECT_TRUE(Passes(limits, "192.0.2.2"));
  EXPECT_FALSE(Passes(limits, "::ffff:192.0.2.1"));
  EXPECT_TRUE(Passes(limits, "2001:db8::1"));
  EXPECT_FALSE(Passes(limits, "2001:db8::ffff:0:2"));
  EXPECT_TRUE(Passes(limits, "2001:db8:0:1::1"));
}

TEST(SourceLimits, AClockThatStepsBackKeepsNobodyOutForLong) {
  SourceLimits limits({.requests = 60, .burst = 3}, 2);
  const absl::Time ahead = kNow + absl::Hours(1);
  EXPECT_TRUE(Passes(limits, "192.0.2.1", ahead));
  EXPECT_LE(limits.Take(Address("192.0.2.1"), kNow), absl::Seconds(1));
  EXPECT_TRUE(Passes(limits, "192.0.2.1", kNow + absl::Seconds(1)));
}

TEST(SourceLimits, NoneUnlessAsked) {
  SourceLimits limits(SourceRate{});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(Passes(limits, "192.0.2.1"));
  }
}

// A flood from many addresses shares one allowance, until places are free.
TEST(SourceLimits, HoldsABoundedNumberOfSources) {
  SourceLimits limits({.requests = 60, .burst = 1}, 2);
  EXPECT_TRUE(Passes(limits, "192.0.2.1"));
  EXPECT_TRUE(Passes(limits, "192.0.2.2"));
  EXPECT_TRUE(Passes(limits, "192.0.2.3"));
  EXPECT_FALSE(Passes(limits, "192.0.2.4"));
  EXPECT_FALSE(Passes(limits, "192.0.2.1"));
  const absl::Time later = kNow + absl::Seconds(1);
  EXPECT_TRUE(Passes(limits, "192.0.2.3", later));
  EXPECT_TRUE(Passes(limits, "192.0.2.4", later));
  EXPECT_TRUE(Passes(limits, "192.0.2.5", later));
  EXPECT_FALSE(Passes(limits, "192.0.2.6", later));
}

}  // namespace
}  // namespace masa::edge
