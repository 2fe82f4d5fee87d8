#include "load-tests/hammer/histogram.h"

#include <cmath>

#include "gtest/gtest.h"

namespace masa::hammer {
namespace {

TEST(Histogram, GivesQuantilesWithinOnePercent) {
  Histogram histogram;
  for (int i = 1; i <= 100'000; ++i) {
    histogram.Record(absl::Microseconds(17 * i));
  }
  EXPECT_EQ(histogram.count(), 100'000);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double expected = 17 * 100'000 * q;
    const double given =
        static_cast<double>(absl::ToInt64Microseconds(histogram.Quantile(q)));
    EXPECT_LE(std::abs(given - expected), 0.02 * expected) << q;
  }
  EXPECT_EQ(histogram.max(), absl::Microseconds(1'700'000));
}

TEST(Histogram, KeepsTheExtremes) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
  histogram.Record(absl::Microseconds(-5));
  histogram.Record(absl::Microseconds(3));
  histogram.Record(absl::Hours(3));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Microseconds(3));
  EXPECT_EQ(histogram.max(), absl::Hours(3));
  EXPECT_GT(histogram.Quantile(1), absl::Minutes(8));
}

TEST(Histogram, OfManyIsThatOfAll) {
  Histogram one, two, both;
  for (int i = 1; i <= 1000; ++i) {
    Histogram& of = i % 3 == 0 ? one : two;
    of.Record(absl::Milliseconds(i));
    both.Record(absl::Milliseconds(i));
  }
  one.Add(two);
  one.Add(Histogram());
  for (const double q : {0.1, 0.5, 0.99}) {
    EXPECT_EQ(one.Quantile(q), both.Quantile(q));
  }
  EXPECT_EQ(one.count(), 1000);
}

}  // namespace
}  // namespace masa::hammer
