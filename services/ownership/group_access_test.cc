#include "services/ownership/group_access.h"

#include <string>

#include "gtest/gtest.h"
#include "services/ownership/group_view.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

std::string Name(const absl::Status& status) {
  return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
}

TEST(PowerIn, RolesHoldBelowAndTheStrongerWins) {
  storage::OrganizationTree tree = Acme();
  tree.bindings.push_back(
      {"city", AccountNamed("assigner"), storage::GroupRole::kAdmin});
  tree.bindings.push_back(
      {"city", AccountNamed("admin"), storage::GroupRole::kRequestor});
  const struct {
    Actor actor;
    const char* group;
    Power power;
  } cases[] = {
      {ActorNamed("root"), "org-acme", Power::kAdmin},
      {ActorNamed("root"), "city", Power::kAdmin},
      {ActorNamed("admin"), "city", Power::kAdmin},  // the weaker adds nothing
      {ActorNamed("admin"), "north", Power::kAdmin},
      {ActorNamed("admin"), "org-acme", Power::kNone},  // no sight of parents
      {ActorNamed("admin"), "south", Power::kNone},
      {ActorNamed("assigner"), "north", Power::kAssigner},
      {ActorNamed("assigner"), "city", Power::kAdmin},
      {ActorNamed("requestor"), "city", Power::kRequestor},
      // The same name elsewhere is somebody else.
      {ActorNamed("root", "org-other"), "org-acme", Power::kNone},
      {ActorNamed("requestor", "org-other"), "north", Power::kNone},
      {ActorNamed("requestor", "org-other"), "city", Power::kRequestor},
      {ActorNamed("root"), "nowhere", Power::kNone},
      {Support(), "south", Power::kSupport},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PowerIn(tree, c.actor, c.group), c.power)
        << c.actor.account.username << " in " << c.group;
  }
  Actor person = ActorNamed("root");
  person.account.type = storage::AccountType::kUser;
  EXPECT_EQ(PowerIn(tree, person, "org-acme"), Power::kNone);
}

TEST(PathUp, EndsThoughRecordsGoInARing) {
  storage::OrganizationTree tree = Acme();
  tree.groups["north"].parent_id = "city";
  EXPECT_LE(PathUp(tree, "city").size(), tree.groups.size());
}

// The table of roles of OVGS: R, A, M and SUPPORT in the group "city".
TEST(CheckMay, AsTheTableSays) {
  const struct {
    Act act;
    const char* requestor;
    const char* assigner;
    const char* admin;
    const char* support;
  } cases[] = {
      {Act::kSee, "OK", "OK", "OK", "OK"},
      {Act::kGetVoucher, "OK", "OK", "OK", "OK"},
      {Act::kPlaceDevice, "PERMISSION_DENIED", "OK", "OK", "OK"},
      {Act::kKeepCert, "PERMISSION_DENIED", "OK", "OK", "OK"},
      {Act::kKeepGroup, "PERMISSION_DENIED", "PERMISSION_DENIED", "OK", "OK"},
      {Act::kGiveRole, "PERMISSION_DENIED", "PERMISSION_DENIED", "OK", "OK"},
      {Act::kDelegate, "PERMISSION_DENIED", "PERMISSION_DENIED",
       "PERMISSION_DENIED", "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    const auto in_city = [&c](const Actor& actor) {
      return Name(CheckMay(Acme(), actor, "city", c.act));
    };
    const int act = static_cast<int>(c.act);
    EXPECT_EQ(in_city(ActorNamed("requestor")), c.requestor) << act;
    EXPECT_EQ(in_city(ActorNamed("assigner")), c.assigner) << act;
    EXPECT_EQ(in_city(ActorNamed("admin")), c.admin) << act;
    EXPECT_EQ(in_city(Support()), c.support) << act;
    EXPECT_EQ(in_city(ActorNamed("root")), "OK") << act;
    EXPECT_EQ(in_city(ActorNamed("nobody")), "PERMISSION_DENIED") << act;
  }
}

// O13: codes as OVGS has them and one sentence; masa.v1 knows of no foreign
// groups at all.
TEST(CheckMay, ForeignIsAsUnknown) {
  const absl::Status unknown =
      CheckMay(Acme(), ActorNamed("nobody"), "nowhere", Act::kSee);
  const absl::Status foreign =
      CheckMay(Acme(), ActorNamed("nobody"), "city", Act::kSee);
  EXPECT_EQ(Name(unknown), "GROUP_NOT_FOUND");
  EXPECT_EQ(Name(foreign), "PERMISSION_DENIED");
  EXPECT_EQ(unknown.message(), foreign.message());
  EXPECT_TRUE(IsForeign(foreign));
  EXPECT_FALSE(IsForeign(unknown));
  Actor quiet = ActorNamed("nobody");
  quiet.is_told_of_foreign = false;
  EXPECT_EQ(CheckMay(Acme(), quiet, "city", Act::kSee),
            CheckMay(Acme(), quiet, "nowhere", Act::kSee));
}

TEST(ViewOf, ShowsTheGroupAndNoMoreThanIsTheirsToOthers) {
  const auto own = ViewOf(Acme(), ActorNamed("root"), "north");
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->bindings.size(), 3u);
  EXPECT_EQ(own->child_ids, std::vector<std::string>{"city"});
  EXPECT_EQ(own->delegated.at("org-other"), std::set<std::string>{"north"});
  const auto other =
      ViewOf(Acme(), ActorNamed("requestor", "org-other"), "city");
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_EQ(other->bindings.size(), 1u);
  EXPECT_EQ(other->bindings[0].account.organization_id, "org-other");
  // Inherited, with the group that it comes from.
  EXPECT_EQ(other->delegated.at("org-other"), std::set<std::string>{"north"});
  storage::OrganizationTree tree = Acme();
  tree.delegations.push_back({"city", "org-third"});
  EXPECT_EQ(ViewOf(tree, ActorNamed("requestor", "org-other"), "city")
                ->delegated.size(),
            1u);
}

// O10: what may not be seen is an empty answer.
TEST(RolesSeen, AreThoseInGroupsThatAreSeen) {
  const auto count = [](const Actor& actor, const storage::Account& account) {
    return RolesSeen(Acme(), actor, account).size();
  };
  EXPECT_EQ(count(ActorNamed("root"), AccountNamed("admin")), 1u);
  EXPECT_EQ(count(ActorNamed("admin"), AccountNamed("root")), 0u);
  EXPECT_EQ(count(ActorNamed("requestor", "org-other"), AccountNamed("admin")),
            0u);
  EXPECT_EQ(count(ActorNamed("requestor", "org-other"),
                  AccountNamed("requestor", "org-other")),
            1u);
  EXPECT_EQ(count(ActorNamed("nobody"), AccountNamed("admin")), 0u);
}

TEST(GroupsSeen, HideTheRootFromBelow) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(GroupsSeen(Acme(), ActorNamed("root"), "city"),
            (Ids{"org-acme", "city"}));
  EXPECT_EQ(GroupsSeen(Acme(), ActorNamed("root"), "org-acme"),
            (Ids{"org-acme"}));
  EXPECT_EQ(GroupsSeen(Acme(), ActorNamed("admin"), "city"), (Ids{"city"}));
}

}  // namespace
}  // namespace masa::ownership
