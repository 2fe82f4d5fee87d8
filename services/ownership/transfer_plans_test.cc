#include "services/ownership/transfer_plans.h"

#include "gtest/gtest.h"
#include "services/ownership/assignment_plans.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using storage::Device;
using storage::DeviceState;
using storage::HoldState;
using storage::OwnerChange;
using storage::TransferState;
using Found = std::vector<absl::StatusOr<Device>>;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

Device Named(const std::string& serial, DeviceState state,
             const std::string& owner = "org-acme") {
  Device device;
  device.tenant_id = "acme";
  device.serial_number = serial;
  device.device_id = std::string(15, 'd') + serial;
  device.organization_id = owner;
  device.group_id = "north";
  device.state = state;
  device.details.sales_order = "SO-77";
  device.details.hw_version = "2";
  device.version = 7;
  return device;
}

OfferTerms Terms() {
  OfferTerms terms;
  terms.tenant_id = "acme";
  terms.transfer_id = std::string(16, 't');
  terms.from_organization_id = "org-acme";
  terms.to_organization_id = "org-other";
  terms.now = kNow;
  terms.expires_at = kNow + absl::Hours(1);
  return terms;
}

TEST(CheckOfferTerms, RefusesTimesAndPartiesThatMakeNoSense) {
  EXPECT_TRUE(CheckOfferTerms(Terms()).ok());
  OfferTerms terms = Terms();
  terms.expires_at = kNow;
  EXPECT_EQ(ReasonOf(CheckOfferTerms(terms)), Reason::kLifetimeInPast);
  terms.expires_at = kNow + absl::Hours(24 * 367);
  EXPECT_EQ(ReasonOf(CheckOfferTerms(terms)), Reason::kInvalidArgument);
  terms = Terms();
  terms.to_organization_id = terms.from_organization_id;
  EXPECT_EQ(ReasonOf(CheckOfferTerms(terms)), Reason::kInvalidArgument);
}

TEST(PlanOffer, HoldsWhatTheGiverOwnsAndSaysOfEachOtherWhyNot) {
  const Found found = {
      Named("1", DeviceState::kClaimed),
      Refuse(Reason::kDeviceUnknown, "none"),
      Named("2", DeviceState::kClaimed, "org-other"),
      Named("3", DeviceState::kManufactured, ""),
      Named("4", DeviceState::kBlocked),
      Named("5", DeviceState::kScrapped),
      Named("6", DeviceState::kInTransfer),
      Named("1", DeviceState::kClaimed),
      Refuse(Reason::kDeviceAmbiguous, "two"),
      Named("7", DeviceState::kReturned),
  };
  const Reason reasons[] = {Reason::kInternal,         Reason::kDeviceUnknown,
                            Reason::kDeviceUnknown,    Reason::kDeviceUnknown,
                            Reason::kDeviceBlocked,    Reason::kDeviceBlocked,
                            Reason::kDeviceInTransfer, Reason::kInvalidArgument,
                            Reason::kDeviceAmbiguous,  Reason::kInternal};
  const TransferPlan plan = PlanOffer(found, Terms());
  ASSERT_EQ(plan.outcomes.size(), found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    if (reasons[i] == Reason::kInternal) {
      EXPECT_TRUE(plan.outcomes[i].ok()) << plan.outcomes[i];
    } else {
      EXPECT_EQ(ReasonOf(plan.outcomes[i]), reasons[i]) << i;
    }
  }
  EXPECT_EQ(plan.outcomes[1].message(), plan.outcomes[2].message())
      << "unknown and foreign sound alike";
  ASSERT_EQ(plan.change.devices.size(), 2u);
  EXPECT_EQ(plan.change.devices[0].state, DeviceState::kInTransfer);
  EXPECT_EQ(plan.change.devices[0].organization_id, "org-acme");
  EXPECT_EQ(plan.change.devices[0].version, 8);
  ASSERT_EQ(plan.change.transfer->devices.size(), 2u);
  EXPECT_EQ(plan.change.transfer->devices[0].state_before,
            DeviceState::kClaimed);
  EXPECT_EQ(plan.change.transfer->devices[1].state_before,
            DeviceState::kReturned);
}

// Device "1" as it is held, and the transfer that holds it.
struct Offered {
  storage::Transfer transfer;
  Device device;
};
Offered Offer() {
  const Found found = {Named("1", DeviceState::kClaimed)};
  const TransferPlan plan = PlanOffer(found, Terms());
  return {*plan.change.transfer, plan.change.devices.front()};
}

TEST(PlanEnd, AnAcceptedDeviceIsTheReceiversAndInItsRootGroup) {
  const Offered offered = Offer();
  const Found found = {offered.device};
  const TransferPlan plan =
      PlanEnd(offered.transfer, found, TransferState::kAccepted, false, kNow);
  ASSERT_TRUE(plan.outcomes[0].ok()) << plan.outcomes[0];
  const Device& device = plan.change.devices.at(0);
  EXPECT_EQ(device.organization_id, "org-other");
  EXPECT_EQ(device.group_id, "");
  EXPECT_EQ(device.details.sales_order, "") << "no proof any more";
  EXPECT_EQ(device.details.hw_version, "2");
  EXPECT_EQ(device.state, DeviceState::kAllocated);
  EXPECT_EQ(device.version, offered.device.version + 1);
  EXPECT_EQ(plan.change.transfer->state, TransferState::kAccepted);
  EXPECT_EQ(plan.change.transfer->version, 2);
  EXPECT_EQ(plan.change.transfer->devices[0].hold, HoldState::kMoved);
  EXPECT_EQ(plan.change.owner_change, OwnerChange::kTransferred);
}

TEST(PlanEnd, WhatWasNotAcceptedIsAsBefore) {
  const Offered offered = Offer();
  const Found found = {offered.device};
  for (const TransferState to :
       {TransferState::kRejected, TransferState::kCancelled,
        TransferState::kExpired}) {
    const TransferPlan plan = PlanEnd(offered.transfer, found, to, false, kNow);
    const Device& device = plan.change.devices.at(0);
    EXPECT_EQ(device.organization_id, "org-acme");
    EXPECT_EQ(device.group_id, "north");
    EXPECT_EQ(device.state, DeviceState::kClaimed);
    EXPECT_EQ(device.details.sales_order, "SO-77");
    EXPECT_EQ(plan.change.transfer->devices[0].hold, HoldState::kReturned);
  }
}

TEST(PlanEnd, WhatWasChangedMeanwhileStaysWhereItIs) {
  const Offered offered = Offer();
  Device blocked = offered.device;
  blocked.state = DeviceState::kBlocked;
  Device lifted = offered.device;
  lifted.state = DeviceState::kManufactured;
  Device sold = offered.device;
  sold.organization_id = "org-third";
  Device another = offered.device;
  another.device_id[0] = 'x';
  for (const absl::StatusOr<Device>& found :
       Found{blocked, lifted, sold, another,
             Refuse(Reason::kDeviceUnknown, "gone")}) {
    const TransferPlan plan = PlanEnd(offered.transfer, {found},
                                      TransferState::kAccepted, false, kNow);
    EXPECT_FALSE(plan.outcomes[0].ok());
    EXPECT_TRUE(plan.change.devices.empty());
    EXPECT_EQ(plan.change.transfer->devices[0].hold, HoldState::kLost);
  }
  storage::Transfer lost = offered.transfer;
  lost.devices[0].hold = HoldState::kLost;
  const Found held = {offered.device};
  EXPECT_FALSE(PlanEnd(lost, held, TransferState::kAccepted, false, kNow)
                   .outcomes[0]
                   .ok())
      << "another transfer holds it";
}

TEST(PlanEnd, AnOperatorsWordIsSaidToBeOne) {
  const Offered offered = Offer();
  const Found found = {offered.device};
  EXPECT_EQ(
      PlanEnd(offered.transfer, found, TransferState::kAccepted, true, kNow)
          .change.owner_change,
      OwnerChange::kOverridden);
  storage::Transfer by_operator = offered.transfer;
  by_operator.by_operator = true;
  EXPECT_EQ(PlanEnd(by_operator, found, TransferState::kAccepted, false, kNow)
                .change.owner_change,
            OwnerChange::kOverridden);
}

TEST(PlanRelease, TakesTheOwnerOffAndLeavesABlock) {
  const Found found = {Named("1", DeviceState::kClaimed),
                       Named("2", DeviceState::kBlocked),
                       Named("3", DeviceState::kInTransfer),
                       Named("4", DeviceState::kClaimed, "org-other")};
  const TransferPlan plan = PlanRelease(found, "acme", "org-acme");
  ASSERT_EQ(plan.change.devices.size(), 2u);
  EXPECT_EQ(plan.change.devices[0].organization_id, "");
  EXPECT_EQ(plan.change.devices[0].group_id, "");
  EXPECT_EQ(plan.change.devices[0].details.sales_order, "");
  EXPECT_EQ(plan.change.devices[0].details.hw_version, "2");
  EXPECT_EQ(plan.change.devices[0].state, DeviceState::kReturned);
  EXPECT_EQ(plan.change.devices[1].details.sales_order, "");
  EXPECT_EQ(plan.change.devices[1].state, DeviceState::kBlocked);
  EXPECT_EQ(ReasonOf(plan.outcomes[2]), Reason::kDeviceInTransfer);
  EXPECT_EQ(ReasonOf(plan.outcomes[3]), Reason::kDeviceUnknown);
  EXPECT_FALSE(plan.change.transfer.has_value());
}

TEST(PlanRelease, OfNobodysDevicesNobodyReleasesAny) {
  const Found found = {Named("1", DeviceState::kManufactured, "")};
  EXPECT_TRUE(PlanRelease(found, "acme", "").change.devices.empty());
}

// It is no proof against the operator that takes the device away again.
TEST(PlanAssignment, TakesTheSalesOrderWithTheOwner) {
  const auto assigned = [](const std::string& from, const std::string& to) {
    const Found found = {Named("1", DeviceState::kAllocated, from)};
    const std::vector<storage::DeviceKey> keys = {{"acme", "1", {}}};
    const TransferPlan plan = PlanAssignment({"acme", keys, found}, to, true);
    return plan.change.devices.at(0).details.sales_order;
  };
  EXPECT_EQ(assigned("org-acme", ""), "");
  EXPECT_EQ(assigned("org-acme", "org-other"), "");
  EXPECT_EQ(assigned("org-acme", "org-acme"), "SO-77");
  EXPECT_EQ(assigned("", "org-acme"), "SO-77");
}

TEST(Administers, IsOfTheOrganisationItself) {
  storage::OrganizationTree tree = Acme();
  tree.delegations.push_back({"org-acme", "org-other"});
  tree.bindings.push_back({"org-acme", AccountNamed("eve", "org-other"),
                           storage::GroupRole::kAdmin});
  EXPECT_TRUE(Administers(tree, ActorNamed("root")));
  EXPECT_TRUE(Administers(tree, Support()));
  EXPECT_FALSE(Administers(tree, ActorNamed("admin")));
  EXPECT_FALSE(Administers(tree, ActorNamed("eve", "org-other")));
  EXPECT_FALSE(Administers({}, Support()));
}

}  // namespace
}  // namespace masa::ownership
