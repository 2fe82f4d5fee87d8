#include "services/wire/ownership_root.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

OwnershipRoot Root() {
  return {"acme", std::string(16, 'b'), 1000, std::string(32, 'r')};
}

TEST(OwnershipRoot, IsReadBackAsItWasWritten) {
  const auto parsed = ParseOwnershipRoot(EncodeOwnershipRoot(Root()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, Root());
}

TEST(OwnershipRoot, RefusesEveryOtherLength) {
  const std::string good = EncodeOwnershipRoot(Root());
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ParseOwnershipRoot(good.substr(0, length)).ok()) << length;
  }
  EXPECT_EQ(ReasonOf(ParseOwnershipRoot(good + "x").status()),
            Reason::kMalformed);
}

TEST(OwnershipRoot, RefusesWhatSaysNothing) {
  OwnershipRoot nobody = Root();
  nobody.tenant_id.clear();
  EXPECT_FALSE(ParseOwnershipRoot(EncodeOwnershipRoot(nobody)).ok());
  OwnershipRoot nothing = Root();
  nothing.size = 0;
  EXPECT_FALSE(ParseOwnershipRoot(EncodeOwnershipRoot(nothing)).ok());
  EXPECT_FALSE(ParseOwnershipRoot("another document").ok());
}

}  // namespace
}  // namespace masa::wire
