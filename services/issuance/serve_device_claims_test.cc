// Devices that customers claim by proof of purchase, and what guessing gets.
#include "services/issuance/serve_transfers.h"
#include "services/issuance/test_desk.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using storage::Device;
using storage::DeviceState;

constexpr char kOrder[] = "SO-1";

class DeviceClaims : public Desk {
 protected:
  DeviceClaims() {
    masa::v1::Catalog catalog;
    for (const char* name : {"org-acme", "org-other"}) {
      auto* binding = catalog.add_access_bindings();
      binding->set_tenant_id("acme");
      binding->set_organization_id(name);
      binding->set_username("admin");
      binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
      binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
    }
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    Sell("FREE", [](Device&) {});
    Sell("OTHERS", [](Device& d) { d.organization_id = "org-other"; });
    Sell("OWN", [](Device& d) { d.organization_id = "org-acme"; });
    Sell("BLOCKED", [](Device& d) { d.state = DeviceState::kBlocked; });
    Sell("SCRAPPED", [](Device& d) { d.state = DeviceState::kScrapped; });
    Sell("UNSOLD", [](Device& d) { d.details.sales_order = ""; });
    for (const char* issuer : {"issuer-1", "issuer-2"}) {
      Sell("TWO", [&](Device& d) { d.idevid_issuer = issuer; });
    }
  }

  template <typename Change>
  void Sell(const std::string& serial, Change change) {
    Device device;
    device.tenant_id = "acme";
    device.serial_number = serial;
    device.product_id = "owned";
    device.details.sales_order = kOrder;
    change(device);
    EXPECT_TRUE(
        store_
            .Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
            .ok());
  }

  GroupCall By(const std::string& username = "admin") {
    GroupCall call;
    call.caller = {identity::Role::kCustomer, "org-acme:" + username, "acme",
                   "org-acme", username};
    return call;
  }

  absl::StatusOr<TransferOutcome> Claim(const std::string& serial,
                                        const std::string& order = kOrder) {
    return transfer_desk_->Claim(By(), {"", {{"", serial, {}}}, {order}});
  }

  Device Stored(const std::string& serial) {
    return store_.Find({}, {{{"acme", serial, {}}, ""}})[0]->device;
  }
  size_t Count(const char* kind) {
    size_t count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }
};

TEST_F(DeviceClaims, WhoKnowsTheSalesOrderOwnsTheDevice) {
  const auto claimed = Claim("FREE");
  ASSERT_TRUE(claimed.ok()) << claimed.status();
  EXPECT_TRUE(claimed->outcomes[0].ok()) << claimed->outcomes[0];
  EXPECT_EQ(Stored("FREE").organization_id, "org-acme");
  EXPECT_EQ(Stored("FREE").state, DeviceState::kAllocated);
  EXPECT_EQ(Count(storage::kDeviceClaimed), 1u);
  const auto history = transfer_desk_->GetHistory(By(), {"", "FREE", {}}, 0, 9);
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->records.size(), 1u);
  EXPECT_EQ(history->records[0].entry.kind, storage::OwnerChange::kClaimed);
  EXPECT_FALSE(history->records[0].entry.opens_past);
  // Once more changes nothing.
  EXPECT_TRUE(Claim("FREE")->outcomes[0].ok());
  EXPECT_EQ(Count(storage::kDeviceClaimed), 1u);
  EXPECT_EQ(Count(storage::kClaimsRefused), 0u);
}

// An order is proof of one purchase: what was given back, or given to another
// who gave it back, is not had again with it until an operator writes one anew.
TEST_F(DeviceClaims, AnOrderIsProofOfOnePurchase) {
  const absl::Status unknown = Claim("NONE")->outcomes[0];
  ASSERT_TRUE(Claim("FREE")->outcomes[0].ok());
  const auto released =
      transfer_desk_->Release(By(), "org-acme", {{"", "FREE", {}}});
  ASSERT_TRUE(released.ok()) << released.status();
  ASSERT_TRUE(released->outcomes[0].ok()) << released->outcomes[0];
  EXPECT_NE(
      store_.Events().back().payload.find(R"("sales_order_cleared":true)"),
      std::string::npos)
      << store_.Events().back().payload;
  EXPECT_EQ(Claim("FREE")->outcomes[0], unknown);
  EXPECT_EQ(Claim("FREE", "")->outcomes[0], unknown);
  EXPECT_EQ(Stored("FREE").organization_id, "");
  Device again = Stored("FREE");
  again.details.sales_order = "SO-2";
  EXPECT_TRUE(
      store_
          .Import({}, "test", Noon(), {again}, storage::OnConflict::kUpdate)[0]
          .ok());
  EXPECT_EQ(Claim("FREE")->outcomes[0], unknown);
  EXPECT_TRUE(Claim("FREE", "SO-2")->outcomes[0].ok());
}

// All in the same words, so that nobody learns which serial numbers, owners
// and states there are.
TEST_F(DeviceClaims, WhatCannotBeClaimedIsUnknownAlike) {
  const auto unknown = Claim("NONE");
  ASSERT_TRUE(unknown.ok()) << unknown.status();
  EXPECT_EQ(ReasonOf(unknown->outcomes[0]), Reason::kDeviceUnknown);
  const struct {
    const char* serial;
    const char* order;
  } cases[] = {{"OTHERS", kOrder}, {"BLOCKED", kOrder}, {"SCRAPPED", kOrder},
               {"UNSOLD", kOrder}, {"UNSOLD", ""},      {"TWO", kOrder},
               {"FREE", "SO-2"},   {"FREE", "SO-1 "},   {"FREE", "SO-"},
               {"OWN", "SO-2"}};
  for (const auto& c : cases) {
    const auto claimed = Claim(c.serial, c.order);
    ASSERT_TRUE(claimed.ok()) << claimed.status();
    EXPECT_EQ(claimed->outcomes[0], unknown->outcomes[0]) << c.serial;
  }
  EXPECT_EQ(Count(storage::kDeviceClaimed), 0u);
  EXPECT_EQ(Stored("OTHERS").organization_id, "org-other");
}

TEST_F(DeviceClaims, GuessingEndsAfterAHundredWrongOnes) {
  ClaimOrder guesses;
  for (int i = 0; i < 100; ++i) {
    guesses.devices.push_back({"", "FREE", {}});
    guesses.sales_orders.push_back("GUESS-" + std::to_string(i));
  }
  EXPECT_TRUE(transfer_desk_->Claim(By(), guesses).ok());
  // A right one among so many wrong ones is not answered, nor made.
  guesses.devices.push_back({"", "FREE", {}});
  guesses.sales_orders.push_back(kOrder);
  for (int i = 0; i < 2; ++i) {
    const auto refused = transfer_desk_->Claim(By(), guesses);
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kRateLimited);
    EXPECT_EQ(WaitOf(refused.status()), absl::Seconds(2800)) << "the hour ends";
    EXPECT_EQ(ReasonOf(Claim("FREE").status()), Reason::kRateLimited);
  }
  EXPECT_EQ(Stored("FREE").organization_id, "");
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Claim("FREE")->outcomes[0].ok());
}

TEST_F(DeviceClaims, WhatIsOnlyCheckedCountsAllTheSame) {
  GroupCall call = By();
  call.validate_only = true;
  const ClaimOrder right{"", {{"", "FREE", {}}}, {kOrder}};
  EXPECT_TRUE(transfer_desk_->Claim(call, right)->outcomes[0].ok());
  EXPECT_EQ(Stored("FREE").organization_id, "");
  EXPECT_TRUE(
      transfer_desk_->Claim(call, {"", {{"", "FREE", {}}}, {"no"}}).ok());
  EXPECT_EQ(Count(storage::kClaimsRefused), 1u);
}

TEST_F(DeviceClaims, IsForAdministratorsOfTheClaimer) {
  const ClaimOrder order{"", {{"", "FREE", {}}}, {kOrder}};
  const ClaimOrder others{"org-other", {{"", "FREE", {}}}, {kOrder}};
  EXPECT_EQ(ReasonOf(transfer_desk_->Claim(By("nobody"), order).status()),
            Reason::kOrganizationUnknown);
  EXPECT_EQ(ReasonOf(transfer_desk_->Claim(By(), others).status()),
            Reason::kOrganizationUnknown);
  EXPECT_EQ(ReasonOf(transfer_desk_->Claim(By(), {}).status()),
            Reason::kTooManyItems);
  GroupCall call = By();
  call.once_id = "id";
  call.once_digest = std::string(32, 'a');
  EXPECT_TRUE(transfer_desk_->Claim(call, order)->outcomes[0].ok());
  EXPECT_TRUE(transfer_desk_->Claim(call, order)->outcomes[0].ok());
  call.once_digest = std::string(32, 'b');
  EXPECT_EQ(ReasonOf(transfer_desk_->Claim(call, order).status()),
            Reason::kRequestIdReused);
}

}  // namespace
}  // namespace masa::issuance
