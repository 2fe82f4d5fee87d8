#include "services/ownership/change_sight.h"

#include "gtest/gtest.h"
#include "services/ownership/test_tree.h"

namespace masa::ownership {
namespace {

storage::OwnershipChange Change(const std::string& from_organization,
                                const std::string& from_group,
                                const std::string& to_organization,
                                const std::string& to_group) {
  storage::OwnershipChange change;
  change.from_organization_id = from_organization;
  change.from_group_id = from_group;
  change.to_organization_id = to_organization;
  change.to_group_id = to_group;
  return change;
}

TEST(ChangeSight, IsOfWhereADeviceIsAndOfWhereItWas) {
  const Actor root = ActorNamed("root");
  const Actor north = ActorNamed("requestor");
  const Actor guest = ActorNamed("requestor", "org-other");
  const struct {
    const char* name;
    Actor actor;
    storage::OwnershipChange change;
    bool told;
  } cases[] = {
      {"support, of anything", Support(), Change("", "", "org-x", ""), true},
      {"an owner's new device", root, Change("", "", "org-acme", ""), true},
      {"one that it has lost", root, Change("org-acme", "", "org-x", ""), true},
      {"one that is nobody's now", root, Change("org-acme", "", "", ""), true},
      {"one of others", root, Change("org-x", "", "org-y", ""), false},
      {"nobody's", root, Change("", "", "", ""), false},
      {"one of a group, seen from above", root,
       Change("org-acme", "city", "org-acme", "city"), true},
      {"one above, seen from a group", north,
       Change("org-acme", "", "org-acme", "south"), false},
      {"one that comes into the group", north,
       Change("org-acme", "", "org-acme", "north"), true},
      {"one that leaves the group", north,
       Change("org-acme", "city", "org-acme", ""), true},
      {"another organisation's account in its group", guest,
       Change("org-acme", "city", "org-x", ""), true},
      {"another organisation's account beside it", guest,
       Change("org-acme", "north", "org-x", ""), false},
      {"one of a group that has gone, seen from the root", root,
       Change("org-acme", "gone", "org-x", ""), true},
      {"one of a group that has gone, seen from another", north,
       Change("org-acme", "gone", "org-x", ""), false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsToldOf({Acme()}, c.actor, c.change), c.told) << c.name;
  }
  EXPECT_FALSE(IsToldOf({}, root, Change("", "", "org-acme", "")))
      << "an account without a role";
}

}  // namespace
}  // namespace masa::ownership
