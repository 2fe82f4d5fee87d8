// What every store keeps of onboarding.
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

TEST_P(GroupContract, KeepsHowDevicesAreOnboarded) {
  AddGroup("g1", "o");
  TreeChange change = NewChange(kOnboardingSet);
  change.onboardings = {{"o", "https://registrar.example/?a=b", "", "", "", 7},
                        {"g1", "", "https://[2001:db8::1]:8443",
                         domain_.CertificateDer(), "https://owner.example", 8}};
  Do(change);
  EXPECT_EQ(Tree().onboardings.at("o"), change.onboardings[0]);
  EXPECT_EQ(Tree().onboardings.at("g1"), change.onboardings[1]);
  EXPECT_EQ(CountEvents(kOnboardingSet), 1);
  TreeChange next = NewChange(kOnboardingSet);
  next.onboardings = {{"g1", "https://other.example", "", "", "", 9}};
  next.removed_onboardings = {"o", "none"};
  Do(next);
  ASSERT_EQ(Tree().onboardings.size(), 1u);
  EXPECT_EQ(Tree().onboardings.at("g1"), next.onboardings[0]);
}

// Other customers' records stay theirs.
TEST_P(GroupContract, OnboardingIsOfOneOrganisation) {
  TreeChange change = NewChange(kOnboardingSet);
  change.onboardings = {{"o", "https://registrar.example", "", "", "", 1}};
  Do(change);
  const auto other =
      groups().ReadTrees(context_, {"a", TreeQuestion::By::kOrganization, "q"});
  ASSERT_TRUE(other.ok() && other->size() == 1) << other.status();
  EXPECT_TRUE(other->front().onboardings.empty());
}

TEST_P(GroupContract, TakesNoHalfOfAnOnboarding) {
  const std::string url = "https://a.example";
  const std::string der = domain_.CertificateDer();
  const Onboarding bad[] = {
      {"o", "", "", "", "", 1},
      {"o", url, url, der, "", 1},
      {"o", url, "", der, "", 1},
      {"o", "", url, "", "", 1},
      {"o", std::string(1025, 'u'), "", "", "", 1},
      {"o", "\xff", "", "", "", 1},
      {"", url, "", "", "", 1},
  };
  for (const Onboarding& record : bad) {
    TreeChange change = NewChange(kOnboardingSet);
    change.onboardings = {record};
    EXPECT_REASON(Reason::kInvalidArgument,
                  groups().Change(context_, "tester", now_, change));
  }
  TreeChange change = NewChange(kOnboardingSet);
  change.onboardings = {{"o", "", url, "no certificate", "", 1}};
  EXPECT_REASON(Reason::kCertMalformed,
                groups().Change(context_, "tester", now_, change));
  EXPECT_TRUE(Tree().onboardings.empty());
}

}  // namespace
}  // namespace masa::storage
