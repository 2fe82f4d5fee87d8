#include "services/ownership/organization_plans.h"

#include "gtest/gtest.h"
#include "services/ownership/group_order.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using storage::Group;
using storage::OrganizationTree;

OrganizationTree Empty() {
  OrganizationTree tree;
  tree.tenant_id = "acme";
  tree.organization.set_organization_id("org-a");
  tree.version = 7;
  tree.groups["org-a"] = Group{"org-a", "", "", 1};
  return tree;
}

TEST(OrganizationPlans, AnEmptyOrganisationGoesWithItsRoles) {
  OrganizationTree tree = Empty();
  tree.bindings.push_back({"org-a", {"org-a", "ada"}, {}});
  tree.delegations.push_back({"org-a", "org-b"});
  tree.onboardings["org-a"] = {};
  const auto change = PlanDeleteOrganization(tree, 7);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->removes_organization);
  EXPECT_EQ(change->expected_version, 7);
  EXPECT_EQ(change->removed_bindings, tree.bindings);
  EXPECT_EQ(change->removed_delegations, tree.delegations);
  EXPECT_EQ(change->removed_onboardings, std::vector<std::string>{"org-a"});
}

TEST(OrganizationPlans, WhatIsInTheWayIsSaid) {
  OrganizationTree grouped = Empty();
  grouped.groups["g"] = Group{"g", "org-a", "", 1};
  OrganizationTree certified = Empty();
  certified.certs["c"] = {};
  const struct {
    OrganizationTree tree;
    int64_t expected;
    Reason reason;
    const char* says;
  } cases[] = {
      {Empty(), 6, Reason::kEtagMismatch, "read it again"},
      {grouped, 7, Reason::kGroupNotEmpty, "groups"},
      {certified, 7, Reason::kGroupNotEmpty, "domain certificates"},
  };
  for (const auto& c : cases) {
    const auto status = PlanDeleteOrganization(c.tree, c.expected).status();
    EXPECT_EQ(ReasonOf(status), c.reason) << status;
    EXPECT_NE(status.message().find(c.says), std::string::npos) << status;
  }
}

TEST(GroupsFrom, EachIsBehindItsParent) {
  std::map<std::string, Group> groups = Empty().groups;
  for (const auto& [id, parent] :
       std::map<std::string, std::string>{{"a", "z"},
                                          {"b", "a"},
                                          {"c", "org-a"},
                                          {"d", "z"},
                                          {"z", "org-a"}}) {
    groups[id] = Group{id, parent, "", 1};
  }
  const auto ids = [&](const std::string& from) {
    std::string said;
    const auto found = GroupsFrom(groups, from, 6);
    for (const Group& group : found.value()) {
      said += group.group_id + " ";
    }
    return said;
  };
  EXPECT_EQ(ids("org-a"), "org-a c z a b d ");
  EXPECT_EQ(ids("a"), "a b ");
  EXPECT_EQ(ReasonOf(GroupsFrom(groups, "none", 6).status()),
            Reason::kGroupNotFound);
  EXPECT_EQ(ReasonOf(GroupsFrom(groups, "org-a", 5).status()),
            Reason::kGroupTooLarge);
}

}  // namespace
}  // namespace masa::ownership
