#include "services/ownership/onboarding_plans.h"

#include <string>

#include "gtest/gtest.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::ownership {
namespace {

using storage::Onboarding;
using storage::OrganizationTree;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::string Certificate(absl::Duration from, absl::Duration to) {
  testing::CertificateSpec spec;
  spec.common_name = "est ca";
  spec.not_before = kNow + from;
  spec.not_after = kNow + to;
  spec.is_ca = true;
  return testing::MakeIdentity(spec).CertificateDer();
}

const std::string& Good() {
  static const std::string& der =
      *new std::string(Certificate(-absl::Hours(1), absl::Hours(1)));
  return der;
}

Onboarding Est(const std::string& group, const std::string& domain) {
  return {group, "", domain, Good(), "", 1};
}

Onboarding Registrar(const std::string& group) {
  return {group, "https://registrar.example", "", "", "", 1};
}

template <typename T>
std::string Name(const absl::StatusOr<T>& plan) {
  return plan.ok() ? "OK" : std::string(InfoOf(ReasonOf(plan.status())).name);
}

OrganizationTree With(const std::vector<Onboarding>& records) {
  OrganizationTree tree = Acme();
  for (const Onboarding& record : records) {
    tree.onboardings[record.group_id] = record;
  }
  return tree;
}

TEST(OnboardingIn, TheNearestRecordHolds) {
  const OrganizationTree tree =
      With({Registrar("org-acme"), Est("north", "https://north.example")});
  EXPECT_EQ(OnboardingIn(tree, "city"), tree.onboardings.at("north"));
  EXPECT_EQ(OnboardingIn(tree, "north"), tree.onboardings.at("north"));
  EXPECT_EQ(OnboardingIn(tree, "south"), tree.onboardings.at("org-acme"));
  EXPECT_EQ(OnboardingIn(tree, "nowhere"), std::nullopt);
  EXPECT_EQ(OnboardingIn(With({Registrar("south")}), "city"), std::nullopt);
}

TEST(FindOnboarding, FromBelowNobodySeesWhereItStands) {
  const OrganizationTree tree = With({Registrar("org-acme")});
  EXPECT_EQ(FindOnboarding(tree, ActorNamed("root"), "north")->group_id,
            "org-acme");
  const auto below = FindOnboarding(tree, ActorNamed("requestor"), "north");
  ASSERT_TRUE(below.ok()) << below.status();
  EXPECT_EQ(below->group_id, "");
  EXPECT_EQ(below->registrar_url, "https://registrar.example");
  EXPECT_EQ(Name(FindOnboarding(tree, ActorNamed("requestor"), "south")),
            "PERMISSION_DENIED");
  EXPECT_EQ(Name(FindOnboarding(Acme(), ActorNamed("root"), "north")),
            "ONBOARDING_UNKNOWN");
}

TEST(PlanSetOnboarding, ThoseWhoKeepDomainCertificatesMay) {
  const struct {
    Actor actor;
    const char* group;
    const char* is;
  } cases[] = {
      {ActorNamed("root"), "city", "OK"},
      {ActorNamed("assigner"), "city", "OK"},
      {Support(), "org-acme", "OK"},
      {ActorNamed("assigner"), "org-acme", "PERMISSION_DENIED"},
      {ActorNamed("requestor"), "north", "PERMISSION_DENIED"},
      {ActorNamed("root"), "nowhere", "GROUP_NOT_FOUND"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        Name(PlanSetOnboarding(Acme(), c.actor, Registrar(c.group), {}, kNow)),
        c.is)
        << c.actor.account.username << " in " << c.group;
  }
}

TEST(PlanSetOnboarding, IsARegistrarOrAnEstServerThatHoldsNow) {
  const std::string url = "https://a.example";
  const std::string old = Certificate(-absl::Hours(2), -absl::Hours(1));
  const std::string future = Certificate(absl::Hours(1), absl::Hours(2));
  const std::string ends_now = Certificate(-absl::Hours(1), {});
  const struct {
    const char* what;
    Onboarding record;
    const char* is;
  } cases[] = {
      {"registrar", {"north", url, "", "", ""}, "OK"},
      {"EST", {"north", "", url, Good(), ""}, "OK"},
      {"EST and more", {"north", "", url, Good(), url}, "OK"},
      {"EST at an address", {"north", "", "https://[::1]", Good(), ""}, "OK"},
      {"nothing", {"north", "", "", "", ""}, "INVALID_ARGUMENT"},
      {"both", {"north", url, url, Good(), ""}, "INVALID_ARGUMENT"},
      {"registrar and more", {"north", url, "", "", url}, "INVALID_ARGUMENT"},
      {"registrar and pin", {"north", url, "", Good(), ""}, "INVALID_ARGUMENT"},
      {"no URL", {"north", "a.example", "", "", ""}, "INVALID_ARGUMENT"},
      {"http", {"north", "http://a.example", "", "", ""}, "INVALID_ARGUMENT"},
      {"query", {"north", url + "/?x=y", "", "", ""}, "INVALID_ARGUMENT"},
      {"empty query", {"north", url + "?", "", "", ""}, "INVALID_ARGUMENT"},
      {"fragment", {"north", url + "/#x", "", "", ""}, "INVALID_ARGUMENT"},
      {"path", {"north", url + "/a", "", "", ""}, "OK"},
      {"host alone",
       {"north", "", "a.example", Good(), ""},
       "INVALID_ARGUMENT"},
      {"bad more", {"north", "", url, Good(), "more"}, "INVALID_ARGUMENT"},
      {"too long",
       {"north", url + std::string(1024, 'a'), "", "", ""},
       "INVALID_ARGUMENT"},
      {"no certificate", {"north", "", url, "", ""}, "CERT_MALFORMED"},
      {"no X.509", {"north", "", url, "der", ""}, "CERT_MALFORMED"},
      {"expired", {"north", "", url, old, ""}, "CERT_EXPIRED"},
      {"ends now", {"north", "", url, ends_now, ""}, "CERT_EXPIRED"},
      {"not valid yet", {"north", "", url, future, ""}, "CERT_EXPIRED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        Name(PlanSetOnboarding(Acme(), ActorNamed("root"), c.record, {}, kNow)),
        c.is)
        << c.what;
  }
}

TEST(PlanSetOnboarding, TakesThePlaceOfWhatWasRead) {
  OrganizationTree tree = With({Registrar("north")});
  tree.onboardings["north"].version = 4;
  const auto set = [&tree](std::optional<int64_t> expected) {
    return PlanSetOnboarding(tree, ActorNamed("root"),
                             Est("north", "https://a.example"), expected, kNow);
  };
  const auto plan = set(4);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->onboardings.at(0).version, tree.version + 1);
  EXPECT_EQ(plan->onboardings.at(0).est_domain, "https://a.example");
  EXPECT_EQ(Name(set(std::nullopt)), "OK");
  EXPECT_EQ(Name(set(3)), "ETAG_MISMATCH");
  tree.onboardings.clear();
  EXPECT_EQ(Name(set(4)), "ETAG_MISMATCH");
}

TEST(PlanClearOnboarding, OfTheGroupItselfAlone) {
  const OrganizationTree tree = With({Registrar("north")});
  const auto clear = [&tree](const char* who, const char* group, int64_t etag) {
    return PlanClearOnboarding(tree, ActorNamed(who), group, etag);
  };
  const auto plan = clear("root", "north", 1);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->removed_onboardings, (std::vector<std::string>{"north"}));
  EXPECT_EQ(Name(clear("root", "city", 1)), "ONBOARDING_UNKNOWN");
  EXPECT_EQ(Name(clear("root", "north", 2)), "ETAG_MISMATCH");
  EXPECT_EQ(Name(clear("requestor", "north", 1)), "PERMISSION_DENIED");
}

TEST(PlanDeleteGroup, TakesItsOnboardingAlong) {
  OrganizationTree tree = With({Registrar("south")});
  const auto plan = PlanDeleteGroup(tree, ActorNamed("root"), "south", {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->removed_onboardings, (std::vector<std::string>{"south"}));
}

TEST(EstServerOf, IsTheDevicesGroupsOrTheRoots) {
  const OrganizationTree tree =
      With({Est("org-acme", "https://root.example"), Registrar("south")});
  storage::Device device;
  EXPECT_EQ(Name(EstServerOf(OrganizationTree(), device)),
            "ONBOARDING_UNKNOWN");
  device.organization_id = "org-acme";
  EXPECT_EQ(EstServerOf(tree, device)->est_domain, "https://root.example");
  device.group_id = "city";
  EXPECT_EQ(EstServerOf(tree, device)->est_domain, "https://root.example");
  device.group_id = "south";
  EXPECT_EQ(Name(EstServerOf(tree, device)), "ONBOARDING_UNKNOWN");
}

TEST(StandingOfEstServer, SpeaksForTheOwnerUnlessItsKeyIsBlocked) {
  OrganizationTree tree = Acme();
  const Onboarding server = Est("north", "https://a.example");
  storage::DomainFacts domain;
  EXPECT_TRUE(StandingOfEstServer(tree, server, domain).is_owner);
  EXPECT_FALSE(StandingOfEstServer(tree, server, domain).blocked_domain);
  EXPECT_FALSE(StandingOfEstServer(tree, server, domain).may_have_endless);
  domain.blocked = true;
  tree.organization.set_nonceless_without_expiry(true);
  EXPECT_TRUE(StandingOfEstServer(tree, server, domain).blocked_domain);
  EXPECT_TRUE(StandingOfEstServer(tree, server, domain).may_have_endless);
}

}  // namespace
}  // namespace masa::ownership
