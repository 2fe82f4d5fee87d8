#include "load-tests/hammer/mix_limit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace masa::hammer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

WorkLimit Of(Work::Kind kind, int64_t items, const Limit& limit) {
  WorkLimit one;
  one.work.set_kind(kind);
  one.items = items;
  one.limit = limit;
  return one;
}

TEST(MixLimit, IsThatOfTheOnlyWork) {
  const Limit limit =
      MixLimit({Of(Work::KIND_RESOLVE, 7, {{"echo", 40}, {"query", 2}})});
  ASSERT_THAT(limit, SizeIs(2));
  EXPECT_EQ(limit[0].what, "echo");
  EXPECT_EQ(limit[1].microseconds, 2);
}

// An item of the mix is a voucher once in four times.
TEST(MixLimit, WeighsEachWorkByItsShareOfTheItems) {
  const Limit limit =
      MixLimit({Of(Work::KIND_REQUEST_VOUCHER, 100, {{"signatures", 160}}),
                Of(Work::KIND_RESOLVE_MANY, 300, {{"echo", 4}, {"query", 8}})});
  ASSERT_THAT(limit, SizeIs(3));
  EXPECT_EQ(limit[0].microseconds, 40);
  EXPECT_EQ(limit[0].what, "25.0 % of items, KIND_REQUEST_VOUCHER: signatures");
  EXPECT_EQ(limit[1].microseconds, 3);
  EXPECT_EQ(limit[2].microseconds, 6);
}

TEST(MixLimit, IsUnknownWhereThatOfAWorkIs) {
  const WorkLimit known = Of(Work::KIND_RESOLVE, 1, {{"echo", 40}});
  EXPECT_THAT(MixLimit({known, Of(Work::KIND_IMPORT, 1, {})}), IsEmpty());
  EXPECT_THAT(MixLimit({known, Of(Work::KIND_IMPORT, 0, {})}), SizeIs(1));
}

}  // namespace
}  // namespace masa::hammer
