#include "services/authority/pages.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/authority/group_calls.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

// AIP-158: coerced to the maximum, refused below zero.
TEST(PageSizeOf, AsTheConventionSays) {
  EXPECT_EQ(*PageSizeOf(0), 100);
  EXPECT_EQ(*PageSizeOf(7), 7);
  EXPECT_EQ(*PageSizeOf(100'000), 1000);
  const absl::Status refused = PageSizeOf(-1).status();
  EXPECT_EQ(ReasonOf(refused), Reason::kInvalidArgument);
  EXPECT_EQ(FieldFaultsOf(refused).at(0).field, "page_size");
}

TEST(LastOf, KnowsTokensOfItsOwnListOnly) {
  const std::string token = PageTokenOf("groups:org-a", "group-7");
  EXPECT_EQ(*LastOf("groups:org-a", token), "group-7");
  EXPECT_EQ(*LastOf("groups:org-a", ""), "");
  for (const std::string& wrong :
       {std::string("x"), std::string("!"), token + "!", token.substr(0, 8)}) {
    EXPECT_EQ(ReasonOf(LastOf("groups:org-a", wrong).status()),
              Reason::kPageTokenInvalid)
        << wrong;
  }
  EXPECT_EQ(ReasonOf(LastOf("groups:org-b", token).status()),
            Reason::kPageTokenInvalid);
}

TEST(Page, WalksAllItemsOnce) {
  const std::map<std::string, int> items = {{"a", 1}, {"b", 2}, {"c", 3}};
  std::vector<int> seen;
  std::string token;
  int pages = 0;
  do {
    const auto next =
        Page<int>(items, "list", 2, token, [&](int i) { seen.push_back(i); });
    ASSERT_TRUE(next.ok()) << next.status();
    token = *next;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(pages, 2);
}

TEST(VersionOf, AnEtagThatWasNeverGivenIsStale) {
  EXPECT_EQ(*VersionOf(EtagOf(7)), 7);
  EXPECT_FALSE(VersionOf("")->has_value());
  EXPECT_EQ(ReasonOf(VersionOf("seven").status()), Reason::kEtagMismatch);
}

}  // namespace
}  // namespace masa::authority
