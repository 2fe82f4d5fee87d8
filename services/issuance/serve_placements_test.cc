// Devices into groups as a use case: what the rules' own tests do not show,
// which is what is read, written, and answered when.
#include <functional>
#include <string>
#include <utility>

#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_transfers.h"
#include "services/issuance/test_changing_devices.h"
#include "services/issuance/test_desk.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using Failure = storage::MemoryStore::Failure;

// Calls `before` once, before something is written.
class LateTransfers final : public storage::TransferStore {
 public:
  explicit LateTransfers(storage::MemoryStore& store) : store_(store) {}

  std::function<void()> before;

  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at,
                      const storage::TransferChange& change) override {
    if (before) {
      std::exchange(before, nullptr)();
    }
    return store_.Change(context, actor, at, change);
  }
  absl::StatusOr<int64_t> CountRefusedClaims(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const storage::RefusedClaims& refused) override {
    return store_.CountRefusedClaims(context, actor, at, refused);
  }
  absl::StatusOr<storage::Transfer> FindTransfer(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& transfer_id) override {
    return store_.FindTransfer(context, tenant_id, transfer_id);
  }
  absl::StatusOr<std::vector<storage::Transfer>> ListTransfers(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& after,
      int limit) override {
    return store_.ListTransfers(context, tenant_id, organization_id, after,
                                limit);
  }
  absl::StatusOr<std::vector<storage::Transfer>> ListLapsed(
      const RequestContext& context, absl::Time now, int limit) override {
    return store_.ListLapsed(context, now, limit);
  }

 private:
  storage::MemoryStore& store_;
};

class Placements : public Desk {
 protected:
  Placements() {
    masa::v1::Catalog catalog;
    auto* binding = catalog.add_access_bindings();
    binding->set_tenant_id("acme");
    binding->set_organization_id("org-acme");
    binding->set_username("root");
    binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
    binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    Import("OWNED-2", "owned");
    EXPECT_TRUE(store_
                    .Assign({}, "test", Noon(), {{"acme", "OWNED-2", {}}},
                            "org-acme")[0]
                    .ok());
    north_ = *groups_.CreateGroup(Root(), "org-acme", "North");
    south_ = *groups_.CreateGroup(Root(), "org-acme", "South");
  }

  static GroupCall Root(const std::string& once_id = "") {
    GroupCall call;
    call.context.request_id = "call-1";
    call.caller = {identity::Role::kCustomer, "urn:root", "acme", "org-acme",
                   "root"};
    call.once_id = once_id;
    call.once_digest = once_id.empty() ? "" : std::string(32, 'd');
    return call;
  }

  // The reason of each, by its name.
  std::vector<std::string> Place(const GroupCall& call,
                                 const std::vector<std::string>& serials,
                                 const std::string& group) {
    std::vector<storage::DeviceKey> keys;
    for (const std::string& serial : serials) {
      keys.push_back({"", serial, {}});
    }
    const auto placed = desk_.Place(call, keys, group);
    if (!placed.ok()) {
      return {std::string(InfoOf(ReasonOf(placed.status())).name)};
    }
    std::vector<std::string> names;
    for (const absl::Status& outcome : placed->outcomes) {
      names.push_back(
          outcome.ok() ? "" : std::string(InfoOf(ReasonOf(outcome)).name));
    }
    return names;
  }

  std::string GroupOf(const std::string& serial) {
    return store_.Find({}, {{{"acme", serial, {}}, ""}})[0]->device.group_id;
  }

  std::vector<storage::AuditEvent> Placed() const {
    std::vector<storage::AuditEvent> placed;
    for (const storage::AuditEvent& event : store_.Events()) {
      if (event.kind == storage::kDevicePlaced) {
        placed.push_back(event);
      }
    }
    return placed;
  }

  using Names = std::vector<std::string>;

  ServeGroups groups_{*tools_};
  LateTransfers transfers_{store_};
  ServeTransfers desk_{*tools_, transfers_, store_};
  std::string north_, south_;
};

TEST_F(Placements, EachChangedDeviceIsOneEventOfTheCall) {
  ASSERT_EQ(Place(Root(), {"OWNED-1", "none", "OWNED-2"}, north_),
            (Names{"", "DEVICE_UNKNOWN", ""}));
  EXPECT_EQ(GroupOf("OWNED-1"), north_);
  EXPECT_EQ(GroupOf("OWNED-2"), north_);
  ASSERT_EQ(Placed().size(), 2u);
  for (const storage::AuditEvent& event : Placed()) {
    EXPECT_EQ(event.actor, "urn:root");
    EXPECT_EQ(event.request_id, "call-1");
  }
  // From one group straight into another; one of the two is there already.
  ASSERT_EQ(Place(Root(), {"OWNED-1"}, south_), Names{""});
  ASSERT_EQ(Place(Root(), {"OWNED-1", "OWNED-2", "OWNED-2"}, south_),
            (Names{"", "", ""}));
  EXPECT_EQ(Placed().size(), 4u);
  ASSERT_EQ(Place(Root(), {"OWNED-1", "OWNED-2"}, "org-acme"), (Names{"", ""}));
  EXPECT_EQ(GroupOf("OWNED-1"), "");
  EXPECT_EQ(Placed().size(), 6u);
  EXPECT_EQ(Place(Root(), {"OWNED-1"}, "org-acme"), Names{""});
  EXPECT_EQ(Placed().size(), 6u);
}

TEST_F(Placements, ValidateOnlyDecidesAndWritesNothing) {
  GroupCall call = Root("once");
  call.validate_only = true;
  EXPECT_EQ(Place(call, {"OWNED-1", "none"}, north_),
            (Names{"", "DEVICE_UNKNOWN"}));
  EXPECT_EQ(GroupOf("OWNED-1"), "");
  EXPECT_TRUE(Placed().empty());
  call.validate_only = false;
  EXPECT_EQ(Place(call, {"OWNED-1", "none"}, north_),
            (Names{"", "DEVICE_UNKNOWN"}));
  EXPECT_EQ(GroupOf("OWNED-1"), north_);
}

TEST_F(Placements, ARepeatGetsTheFirstAnswerAndChangesNothing) {
  const Names first = Place(Root("once"), {"OWNED-1", "LATER"}, north_);
  EXPECT_EQ(first, (Names{"", "DEVICE_UNKNOWN"}));
  ASSERT_EQ(Place(Root(), {"OWNED-1"}, south_), Names{""});
  EXPECT_EQ(Place(Root("once"), {"OWNED-1", "LATER"}, north_), first);
  EXPECT_EQ(GroupOf("OWNED-1"), south_);
  GroupCall other = Root("once");
  other.once_digest = std::string(32, 'e');
  EXPECT_EQ(Place(other, {"OWNED-1"}, north_), Names{"REQUEST_ID_REUSED"});
}

// Each way in which the write can fail, and what the same call says then.
TEST_F(Placements, AStoreThatFailsItsWriteFailsWhatItWasToWrite) {
  const Names serials = {"OWNED-1", "none"};
  const Names failed = {"STORE_UNAVAILABLE", "DEVICE_UNKNOWN"};
  const Names placed = {"", "DEVICE_UNKNOWN"};
  transfers_.before = [this] { store_.FailNext(Failure::kUnstored); };
  EXPECT_EQ(Place(Root("one"), serials, north_), failed);
  EXPECT_EQ(GroupOf("OWNED-1"), "");
  EXPECT_EQ(Place(Root("one"), serials, north_), placed);
  transfers_.before = [this] { store_.FailNext(Failure::kStored); };
  EXPECT_EQ(Place(Root("two"), serials, south_), failed);
  EXPECT_EQ(GroupOf("OWNED-1"), south_);
  EXPECT_EQ(Place(Root("two"), serials, south_), placed);
  EXPECT_EQ(Placed().size(), 2u);
}

// A store of devices that cannot answer for one of them.
class BlindDevices final : public PassingDevices {
 public:
  BlindDevices(storage::MemoryStore& store, std::string serial)
      : PassingDevices(store), blind_for(std::move(serial)) {}

  std::string blind_for;

  std::vector<absl::StatusOr<storage::DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const storage::DeviceQuestion> questions) override {
    auto answers = PassingDevices::Find(context, questions);
    for (size_t i = 0; i < answers.size(); ++i) {
      if (questions[i].key.serial_number == blind_for) {
        answers[i] = Refuse(Reason::kStoreUnavailable, "a part is away");
      }
    }
    return answers;
  }
};

TEST_F(Placements, WhatWasNotFoundForTheStoreIsTriedByARepeat) {
  BlindDevices devices(store_, "OWNED-2");
  const Tools& tools = *tools_;
  ServeTransfers desk(
      Tools{tools.catalog, devices, tools.log, tools.signer, tools.verifier,
            tools.clock, tools.policies, tools.templates, tools.claims,
            tools.owned, tools.groups},
      store_, store_);
  const std::vector<storage::DeviceKey> keys = {{"", "OWNED-1", {}},
                                                {"", "OWNED-2", {}}};
  const auto first = desk.Place(Root("once"), keys, north_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->outcomes[0].ok());
  EXPECT_EQ(ReasonOf(first->outcomes[1]), Reason::kStoreUnavailable);
  EXPECT_EQ(GroupOf("OWNED-1"), north_);
  devices.blind_for.clear();
  const auto again = desk.Place(Root("once"), keys, north_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->outcomes[1].ok()) << again->outcomes[1];
  EXPECT_EQ(GroupOf("OWNED-2"), north_);
  EXPECT_EQ(Placed().size(), 2u);
}

TEST_F(Placements, WithoutItsTreeThereIsNoOutcomeOfAny) {
  store_.Stop(true);
  EXPECT_EQ(Place(Root(), {"OWNED-1", "OWNED-2"}, north_),
            Names{"STORE_UNAVAILABLE"});
}

TEST_F(Placements, WhatChangedMeanwhileIsDecidedAgain) {
  // Another call moves the device first.
  transfers_.before = [this] {
    EXPECT_TRUE(
        groups_.AddDevice(Root(), {"acme", "OWNED-1", {}}, south_).ok());
  };
  EXPECT_EQ(Place(Root(), {"OWNED-1"}, north_), Names{""});
  EXPECT_EQ(GroupOf("OWNED-1"), north_);
  // The group goes.
  transfers_.before = [this] {
    EXPECT_TRUE(groups_.DeleteGroup(Root(), south_, {}).ok());
  };
  EXPECT_EQ(Place(Root(), {"OWNED-1", "OWNED-2"}, south_),
            Names{"GROUP_NOT_FOUND"});
  EXPECT_EQ(GroupOf("OWNED-1"), north_);
}

TEST_F(Placements, WhoMayNotThereLearnsNothingOfDevices) {
  GroupCall call = Root();
  call.caller.username = "nobody";
  EXPECT_EQ(Place(call, {"OWNED-1", "none"}, north_), Names{"GROUP_NOT_FOUND"});
  // A requestor of the root.
  call.caller.username = kAccount;
  EXPECT_EQ(Place(call, {"OWNED-1", "none"}, north_),
            Names{"PERMISSION_DENIED"});
}

TEST_F(Placements, ACallHasOneToAThousandDevices) {
  EXPECT_EQ(Place(Root(), {}, north_), Names{"TOO_MANY_ITEMS"});
  EXPECT_EQ(Place(Root(), Names(1001, "OWNED-1"), north_),
            Names{"TOO_MANY_ITEMS"});
  EXPECT_EQ(Place(Root(), Names(1000, "OWNED-1"), north_), Names(1000, ""));
  EXPECT_EQ(Placed().size(), 1u);
}

}  // namespace
}  // namespace masa::issuance
