#include "services/ownership/placement_plans.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Device;

std::string Name(const absl::Status& status) {
  return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
}

Device DeviceIn(const std::string& group, const std::string& org = "org-acme") {
  Device device;
  device.tenant_id = "acme";
  device.serial_number = "S1";
  device.device_id = std::string(16, '1');
  device.organization_id = org;
  device.group_id = group;
  device.version = 4;
  return device;
}

// As masa.v1 has it: what is foreign is unknown.
Actor Quiet(const std::string& name, const std::string& org = "org-acme") {
  return {false, AccountNamed(name, org), false};
}

TransferPlan Plan(const Actor& actor, const Device& device,
                  const std::string& group) {
  const std::vector<absl::StatusOr<Device>> found = {device};
  return PlanPlacements(Acme(), actor, found, group);
}

TEST(PlanPlacements, AsTheTableSays) {
  const Actor operators{true, AccountNamed("operator", ""), false};
  const struct {
    Actor actor;
    Device device;
    const char* group;
    const char* outcome;
    bool writes;
  } cases[] = {
      {Quiet("root"), DeviceIn(""), "north", "OK", true},
      {Quiet("root"), DeviceIn("south"), "city", "OK", true},
      {Quiet("root"), DeviceIn("north"), "north", "OK", false},
      {Quiet("root"), DeviceIn("north"), "org-acme", "OK", true},
      {Quiet("root"), DeviceIn(""), "org-acme", "OK", false},
      {Quiet("assigner"), DeviceIn("north"), "city", "OK", true},
      {Quiet("assigner"), DeviceIn("city"), "city", "OK", false},
      // Out of its group alone, as RemoveSerial has it.
      {Quiet("assigner"), DeviceIn("north"), "org-acme", "OK", true},
      {Quiet("assigner"), DeviceIn(""), "city", "DEVICE_UNKNOWN", false},
      {Quiet("assigner"), DeviceIn("south"), "city", "DEVICE_UNKNOWN", false},
      {Quiet("assigner"), DeviceIn("south"), "org-acme", "DEVICE_UNKNOWN",
       false},
      {Quiet("assigner"), DeviceIn(""), "org-acme", "DEVICE_UNKNOWN", false},
      {Quiet("requestor"), DeviceIn("north"), "city", "PERMISSION_DENIED",
       false},
      {Quiet("requestor"), DeviceIn("north"), "org-acme", "PERMISSION_DENIED",
       false},
      {Quiet("root"), DeviceIn("", "org-other"), "north", "DEVICE_UNKNOWN",
       false},
      {Quiet("root"), DeviceIn("x", "org-other"), "org-acme", "DEVICE_UNKNOWN",
       false},
      {Quiet("root"), DeviceIn("", ""), "org-acme", "DEVICE_UNKNOWN", false},
      {operators, DeviceIn(""), "city", "OK", true},
      {operators, DeviceIn("city"), "org-acme", "OK", true},
      // Between organisations nothing moves here, whoever asks.
      {operators, DeviceIn("", "org-other"), "north", "PERMISSION_DENIED",
       false},
      {operators, DeviceIn("x", "org-other"), "org-acme", "PERMISSION_DENIED",
       false},
  };
  for (const auto& c : cases) {
    const TransferPlan plan = Plan(c.actor, c.device, c.group);
    const std::string row =
        c.actor.account.username + ": " + c.device.group_id + " to " + c.group;
    ASSERT_EQ(plan.outcomes.size(), 1u);
    EXPECT_EQ(Name(plan.outcomes[0]), c.outcome) << row;
    ASSERT_EQ(plan.change.devices.size(), c.writes ? 1u : 0u) << row;
    if (c.writes) {
      const bool is_root = c.group == std::string("org-acme");
      const Device& placed = plan.change.devices[0];
      EXPECT_EQ(placed.group_id, is_root ? "" : c.group) << row;
      EXPECT_EQ(placed.version, 5);
      EXPECT_EQ(plan.change.group_id, placed.group_id);
      EXPECT_EQ(plan.change.device_kind, std::string(storage::kDevicePlaced));
    }
  }
}

TEST(PlanPlacements, WhatIsOfferedStaysWhereItIs) {
  Device device = DeviceIn("south");
  device.state = storage::DeviceState::kInTransfer;
  for (const char* group : {"north", "org-acme"}) {
    const TransferPlan plan = Plan(Quiet("root"), device, group);
    EXPECT_EQ(Name(plan.outcomes[0]), "DEVICE_IN_TRANSFER");
    EXPECT_TRUE(plan.change.devices.empty());
  }
  EXPECT_EQ(Name(Plan(Quiet("root"), device, "south").outcomes[0]), "OK");
}

TEST(PlanPlacements, EachIsForItselfAndUnknownIsSaidAsForeign) {
  const absl::Status unavailable =
      Refuse(Reason::kStoreUnavailable, "the store is away");
  const std::vector<absl::StatusOr<Device>> found = {
      DeviceIn(""), DeviceIn("", "org-other"),
      Refuse(Reason::kDeviceUnknown, "no such device"), unavailable,
      DeviceIn("")};
  const TransferPlan plan =
      PlanPlacements(Acme(), Quiet("root"), found, "north");
  ASSERT_EQ(plan.outcomes.size(), 5u);
  EXPECT_TRUE(plan.outcomes[0].ok());
  EXPECT_EQ(Name(plan.outcomes[1]), "DEVICE_UNKNOWN");
  EXPECT_EQ(plan.outcomes[1].message(), plan.outcomes[2].message());
  EXPECT_EQ(plan.outcomes[3], unavailable);
  EXPECT_TRUE(plan.outcomes[4].ok());
  EXPECT_EQ(plan.change.devices.size(), 1u) << "one device, named twice";
}

TEST(CheckMayPlaceIn, WhoMayNotLearnsNothingOfDevices) {
  const struct {
    Actor actor;
    const char* group;
    const char* outcome;
  } cases[] = {
      {Quiet("root"), "north", "OK"},
      {Quiet("root"), "org-acme", "OK"},
      {Quiet("assigner"), "city", "OK"},
      {Quiet("assigner"), "org-acme", "OK"},
      {Quiet("assigner"), "south", "GROUP_NOT_FOUND"},
      {Quiet("requestor"), "north", "PERMISSION_DENIED"},
      {Quiet("nobody"), "north", "GROUP_NOT_FOUND"},
      {Quiet("nobody"), "org-acme", "GROUP_NOT_FOUND"},
      {Quiet("nobody", "org-other"), "org-acme", "GROUP_NOT_FOUND"},
      {Quiet("requestor", "org-other"), "org-acme", "OK"},
      {Quiet("root"), "nowhere", "GROUP_NOT_FOUND"},
      {Quiet("root"), "", "GROUP_NOT_FOUND"},
      {{true, AccountNamed("operator", ""), false}, "city", "OK"},
      {{true, AccountNamed("operator", ""), false}, "none", "GROUP_NOT_FOUND"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Name(CheckMayPlaceIn(Acme(), c.actor, c.group)), c.outcome)
        << c.actor.account.username << " in " << c.group;
  }
  EXPECT_EQ(Name(CheckMayPlaceIn({}, Quiet("root"), "")), "GROUP_NOT_FOUND");
  EXPECT_EQ(CheckMayPlaceIn(Acme(), Quiet("nobody"), "org-acme").message(),
            CheckMayPlaceIn({}, Quiet("nobody"), "org-none").message());
}

}  // namespace
}  // namespace masa::ownership
