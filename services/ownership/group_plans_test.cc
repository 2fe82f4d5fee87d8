#include "services/ownership/group_plans.h"

#include <string>

#include "gtest/gtest.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Delegation;
using storage::OrganizationTree;

template <typename T>
std::string Name(const absl::StatusOr<T>& plan) {
  return plan.ok() ? "OK" : std::string(InfoOf(ReasonOf(plan.status())).name);
}

// OVGS CreateGroup.
TEST(PlanCreateGroup, AsTheTableSays) {
  const struct {
    Actor actor;
    const char* parent;
    const char* description;
    const char* outcome;
  } cases[] = {
      {ActorNamed("root"), "org-acme", "East", "OK"},
      {ActorNamed("admin"), "north", "East", "OK"},
      {ActorNamed("admin"), "city", "City", "OK"},  // another parent
      {Support(), "org-acme", "East", "OK"},
      {ActorNamed("root"), "nowhere", "East", "GROUP_NOT_FOUND"},
      {ActorNamed("root"), "org-acme", "North", "GROUP_EXISTS"},
      {ActorNamed("root"), "org-acme", "", "INVALID_ARGUMENT"},
      {ActorNamed("admin"), "org-acme", "East", "PERMISSION_DENIED"},
      {ActorNamed("assigner"), "north", "East", "PERMISSION_DENIED"},
      {ActorNamed("root", "org-other"), "org-acme", "East",
       "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        Name(PlanCreateGroup(Acme(), c.actor, c.parent, c.description, "new")),
        c.outcome)
        << c.actor.account.username << " " << c.parent << " " << c.description;
  }
  const auto plan =
      PlanCreateGroup(Acme(), ActorNamed("root"), "north", "East", "new");
  EXPECT_EQ(plan->groups[0], (storage::Group{"new", "north", "East", 1}));
  EXPECT_EQ(plan->expected_version, 5);
  EXPECT_EQ(plan->organization_id, "org-acme");
  EXPECT_EQ(plan->result, "new");
  EXPECT_STREQ(plan->kind, storage::kGroupCreated);
}

// OVGS DeleteGroup: the parent's administrator, an empty group.
TEST(PlanDeleteGroup, AsTheTableSays) {
  OrganizationTree tree = Acme();
  tree.groups["empty"] = {"empty", "north", "Empty", 4};
  tree.groups["pinned"] = {"pinned", "north", "Pinned", 1};
  tree.certs["c"] = {"c", "pinned", "der", false, {}};
  const struct {
    Actor actor;
    const char* group;
    std::optional<int64_t> version;
    const char* outcome;
  } cases[] = {
      {ActorNamed("root"), "empty", {}, "OK"},
      {ActorNamed("admin"), "empty", 4, "OK"},
      {Support(), "empty", {}, "OK"},
      {ActorNamed("admin"), "empty", 3, "ETAG_MISMATCH"},
      {ActorNamed("root"), "south", {}, "OK"},  // with its delegation
      {ActorNamed("root"), "org-acme", {}, "INVALID_ARGUMENT"},
      {ActorNamed("root"), "nowhere", {}, "GROUP_NOT_FOUND"},
      {ActorNamed("root"), "north", {}, "GROUP_NOT_EMPTY"},     // groups
      {ActorNamed("root"), "city", {}, "GROUP_NOT_EMPTY"},      // users
      {ActorNamed("root"), "pinned", {}, "GROUP_NOT_EMPTY"},    // certificates
      {ActorNamed("admin"), "north", {}, "PERMISSION_DENIED"},  // the parent's
      {ActorNamed("assigner"), "empty", {}, "PERMISSION_DENIED"},
      {ActorNamed("nobody"), "empty", {}, "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Name(PlanDeleteGroup(tree, c.actor, c.group, c.version)),
              c.outcome)
        << c.actor.account.username << " " << c.group;
  }
  EXPECT_EQ(PlanDeleteGroup(tree, ActorNamed("root"), "south", {})
                ->removed_delegations.size(),
            1u);
}

TEST(PlanDescribeGroup, KeepsNamesApartBelowOneParent) {
  const auto plan = [](const char* group, const char* name) {
    return PlanDescribeGroup(Acme(), ActorNamed("root"), group, name, {});
  };
  EXPECT_EQ(Name(plan("north", "South")), "GROUP_EXISTS");
  EXPECT_EQ(Name(plan("north", "North")), "OK");  // as it is
  EXPECT_EQ(Name(plan("org-acme", "x")), "INVALID_ARGUMENT");
  const auto renamed = plan("north", "Far north");
  EXPECT_EQ(renamed->groups[0],
            (storage::Group{"north", "org-acme", "Far north", 4}));
}

TEST(PlanMoveGroup, MovesWhereTheActorKeepsBothEnds) {
  OrganizationTree tree = Acme();
  tree.groups["city-2"] = {"city-2", "south", "City", 1};
  tree.groups["town"] = {"town", "north", "Town", 1};
  const struct {
    const char* actor;
    const char* group;
    const char* parent;
    const char* outcome;
  } cases[] = {
      {"root", "town", "south", "OK"},
      {"admin", "town", "city", "OK"},
      {"admin", "town", "south", "PERMISSION_DENIED"},
      {"root", "north", "city", "INVALID_ARGUMENT"},  // below itself
      {"root", "north", "north", "INVALID_ARGUMENT"},
      {"root", "org-acme", "north", "INVALID_ARGUMENT"},
      {"root", "town", "nowhere", "GROUP_NOT_FOUND"},
      {"root", "city", "south", "GROUP_EXISTS"},  // a city is there
      // Out of what was delegated to those who have roles in it.
      {"root", "city", "org-acme", "DELEGATION_IN_USE"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        Name(PlanMoveGroup(tree, ActorNamed(c.actor), c.group, c.parent, {})),
        c.outcome)
        << c.actor << " " << c.group << " " << c.parent;
  }
}

// OVGS the two delegation calls: the root's administrators of the
// owner, and nobody else, SUPPORT included.
TEST(PlanAddDelegation, AsTheTableSays) {
  const struct {
    Actor actor;
    Delegation delegation;
    bool exists;
    const char* outcome;
  } cases[] = {
      {ActorNamed("root"), {"north", "org-third"}, true, "OK"},
      {ActorNamed("root"), {"city", "org-other"}, true, "OK"},
      {ActorNamed("root"), {"north", "*"}, true, "OK"},
      {ActorNamed("root"), {"north", "org-acme"}, true, "INVALID_ARGUMENT"},
      {ActorNamed("root"), {"nowhere", "org-third"}, true, "GROUP_NOT_FOUND"},
      {ActorNamed("root"),
       {"north", "org-none"},
       false,
       "ORGANIZATION_UNKNOWN"},
      {ActorNamed("root"), {"north", "org-other"}, true, "DELEGATION_EXISTS"},
      {ActorNamed("admin"), {"north", "org-third"}, true, "PERMISSION_DENIED"},
      {Support(), {"north", "org-third"}, true, "PERMISSION_DENIED"},
      {ActorNamed("nobody"), {"north", "org-third"}, true, "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Name(PlanAddDelegation(Acme(), c.actor, c.delegation, c.exists)),
              c.outcome)
        << c.delegation.group_id << " " << c.delegation.organization_id;
  }
  // An administrator of the root group from outside is none of the owner's.
  OrganizationTree tree = Acme();
  tree.bindings.push_back(
      {"org-acme", AccountNamed("x", "org-other"), storage::GroupRole::kAdmin});
  EXPECT_EQ(Name(PlanAddDelegation(tree, ActorNamed("x", "org-other"),
                                   {"north", "org-third"}, true)),
            "PERMISSION_DENIED");
}

TEST(PlanRemoveDelegation, NotWhileItIsTheOnlySourceOfARole) {
  const auto plan = [](const OrganizationTree& tree, const char* group,
                       const char* organization) {
    return Name(
        PlanRemoveDelegation(tree, ActorNamed("root"), {group, organization}));
  };
  EXPECT_EQ(plan(Acme(), "north", "org-other"), "DELEGATION_IN_USE");
  EXPECT_EQ(plan(Acme(), "north", "org-third"), "DELEGATION_UNKNOWN");
  EXPECT_EQ(plan(Acme(), "south", "*"), "OK");
  OrganizationTree tree = Acme();
  tree.delegations.push_back({"org-acme", "*"});
  EXPECT_EQ(plan(tree, "north", "org-other"), "OK");
  EXPECT_EQ(plan(tree, "org-acme", "*"), "OK");
  tree.bindings.pop_back();
  EXPECT_EQ(plan(tree, "north", "org-other"), "OK");
}

storage::Device DeviceIn(const std::string& group,
                         const std::string& org = "org-acme") {
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "S1";
  device.organization_id = org;
  device.group_id = group;
  return device;
}

// OVGS AddSerial: rights in the group that it leaves and in the other.
TEST(PlanAddDevice, AsTheTableSays) {
  const struct {
    const char* actor;
    storage::Device device;
    const char* group;
    const char* outcome;
  } cases[] = {
      {"root", DeviceIn(""), "north", "OK"},
      {"root", DeviceIn("south"), "city", "OK"},
      {"assigner", DeviceIn("north"), "city", "OK"},
      {"assigner", DeviceIn(""), "city", "PERMISSION_DENIED"},
      {"assigner", DeviceIn("south"), "city", "PERMISSION_DENIED"},
      {"requestor", DeviceIn("north"), "city", "PERMISSION_DENIED"},
      {"root", DeviceIn("north"), "nowhere", "GROUP_NOT_FOUND"},
      {"root", DeviceIn("north"), "north", "DEVICE_IN_GROUP"},
      {"root", DeviceIn("north"), "org-acme", "DEVICE_IN_GROUP"},
      {"root", DeviceIn("", "org-other"), "north", "PERMISSION_DENIED"},
      {"root", DeviceIn("", ""), "north", "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        Name(PlanAddDevice(Acme(), ActorNamed(c.actor), c.device, c.group)),
        c.outcome)
        << c.actor << " " << c.device.group_id << " " << c.group;
  }
  // Between organisations nothing moves here, whoever asks.
  EXPECT_EQ(Name(PlanAddDevice(Acme(), Support(), DeviceIn("", "org-other"),
                               "north")),
            "PERMISSION_DENIED");
}

TEST(PlanRemoveDevice, ToTheRootAndNeverOutOfIt) {
  const auto plan = [](const Actor& actor, const storage::Device& device,
                       const char* group) {
    return Name(PlanRemoveDevice(Acme(), actor, device, group));
  };
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn("north"), "north"), "OK");
  EXPECT_EQ(plan(ActorNamed("assigner"), DeviceIn("north"), "north"), "OK");
  EXPECT_EQ(plan(ActorNamed("requestor"), DeviceIn("north"), "north"),
            "PERMISSION_DENIED");
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn("north"), "city"),
            "DEVICE_NOT_IN_GROUP");
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn(""), "north"),
            "DEVICE_NOT_IN_GROUP");
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn("", "org-other"), "north"),
            "DEVICE_UNKNOWN");
  EXPECT_EQ(plan(ActorNamed("assigner"), DeviceIn("south"), "north"),
            "DEVICE_UNKNOWN");
  EXPECT_EQ(plan(Support(), DeviceIn("", "org-other"), "north"),
            "DEVICE_NOT_IN_GROUP");
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn(""), "org-acme"),
            "PERMISSION_DENIED");
  EXPECT_EQ(plan(Support(), DeviceIn(""), "org-acme"), "PERMISSION_DENIED");
  EXPECT_EQ(plan(ActorNamed("root"), DeviceIn(""), "nowhere"),
            "GROUP_NOT_FOUND");
}

// O13: codes as OVGS has them, and the sentence of what is unknown.
TEST(PlanDevice, AForeignDeviceIsSpokenOfAsAnUnknownOne) {
  const absl::Status unknown = DeviceNotFound();
  for (const storage::Device& device :
       {DeviceIn("", "org-other"), DeviceIn("", ""), DeviceIn("south")}) {
    const Actor actor = ActorNamed("assigner");
    const auto added = PlanAddDevice(Acme(), actor, device, "north").status();
    EXPECT_EQ(added.message(), unknown.message());
    EXPECT_TRUE(IsForeign(added));
    const auto removed =
        PlanRemoveDevice(Acme(), actor, device, "north").status();
    EXPECT_EQ(removed.message(), unknown.message());
    EXPECT_EQ(ReasonOf(removed), ReasonOf(unknown));
    EXPECT_TRUE(IsForeign(removed));
  }
  EXPECT_FALSE(IsForeign(unknown));
}

}  // namespace
}  // namespace masa::ownership
