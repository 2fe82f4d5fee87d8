// The registry's use cases: who may do what, and what a repeat is answered.
#include "services/issuance/serve_registry.h"

#include "services/issuance/test_desk.h"
#include "services/status/field_faults.h"
#include "services/voucher/rules.h"

namespace masa::issuance {
namespace {

using storage::Device;
using storage::DeviceKey;
using storage::DeviceState;

identity::Principal Operator() {
  return {identity::Role::kOperator, "operator", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization,
          kAccount};
}

class Registry : public Desk {
 protected:
  RegistryCall Call() { return {{}, Operator()}; }

  Device Made(const std::string& serial) {
    Device device;
    device.serial_number = serial;
    device.product_id = "default";
    return *registry_desk_->Create(Call(), device);
  }

  absl::StatusOr<storage::DevicePage> List(const identity::Principal& caller,
                                           const DeviceListing& listing,
                                           int limit = 10) {
    return registry_desk_->List({}, caller, listing, {}, limit);
  }

  // What each change and each call of an import answers.
  std::vector<absl::Status> ChangesBy(const identity::Principal& caller) {
    const RegistryCall call{{}, caller};
    Device device;
    device.serial_number = "N";
    device.product_id = "default";
    ServeRegistry& desk = *registry_desk_;
    return {
        desk.Create(call, device).status(),
        desk.Update(call, owned_, device, {"model"}).status(),
        desk.SetState(call, owned_, DeviceState::kBlocked).status(),
        desk.Delete(call, owned_).status(),
        desk.Undelete(call, owned_).status(),
        desk.BeginImport({}, caller, "i", storage::OnConflict::kFail).status(),
        desk.GetImport({}, caller, "i").status(),
        desk.ImportChunk({}, caller, {}).status(),
        desk.CompleteImport({}, caller, "i", 0).status()};
  }

  const DeviceKey owned_ = {"", "OWNED-1", {}};
};

// SZ-02, SZ-15: an operator lists any customer's devices, a customer its own,
// and an unknown customer is no other than a foreign one.
TEST_F(Registry, DevicesAreListedForTheirOwner) {
  for (const auto& caller : {Operator(), Customer("org-acme")}) {
    const auto page = List(caller, {"org-acme", "", "", false});
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->devices.size(), 1u);
    EXPECT_EQ(page->devices.front().serial_number, "OWNED-1");
  }
  EXPECT_EQ(List(Customer("org-acme"), {})->devices.size(), 1u);
  EXPECT_TRUE(List(Customer("org-other"), {})->devices.empty());
  EXPECT_EQ(List(Customer("org-other"), {"org-acme", "", "", false}).status(),
            List(Operator(), {"org-none", "", "", false}).status());
  EXPECT_EQ(List(Operator(), {})->devices.size(), 2u) << "all of the tenant";
  for (const int limit : {0, -1, 1001}) {
    EXPECT_EQ(ReasonOf(List(Operator(), {}, limit).status()),
              Reason::kTooManyItems);
  }
}

// A filter narrows what the caller sees and never widens it.
TEST_F(Registry, AFilterLeadsToNoOtherCustomersDevices) {
  EXPECT_TRUE(
      List(Customer("org-other"), {"", "", "organization = org-acme", false})
          ->devices.empty());
  EXPECT_EQ(ReasonOf(List(Customer("org-acme"), {"", "", "", true}).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(
          List(Customer("org-other"), {"", "org-acme", "", false}).status()),
      Reason::kGroupNotFound);
  EXPECT_EQ(ReasonOf(List(Operator(), {"", "g", "", false}).status()),
            Reason::kInvalidArgument);
  EXPECT_EQ(List(Operator(), {"", "", "owned = false", false})->devices.size(),
            1u);
  EXPECT_EQ(ReasonOf(List(Operator(), {"", "", "x", false}).status()),
            Reason::kInvalidArgument);
}

TEST_F(Registry, ChangesAreForOperatorsAlone) {
  for (const absl::Status& status : ChangesBy(Customer("org-acme"))) {
    EXPECT_EQ(ReasonOf(status), Reason::kPermissionDenied) << status;
  }
}

TEST_F(Registry, BatchGetIsAllOrTheFirstThatIsNotThere) {
  const DeviceKey plain = {"", kSerial, {}};
  const auto both = registry_desk_->BatchGet({}, Operator(), {owned_, plain});
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ((*both)[1].serial_number, kSerial);
  const auto theirs =
      registry_desk_->BatchGet({}, Customer("org-acme"), {owned_, plain});
  const auto unknown = registry_desk_->BatchGet({}, Customer("org-acme"),
                                                {owned_, {"", "none", {}}});
  for (const auto& refused : {theirs, unknown}) {
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kDeviceUnknown);
    EXPECT_EQ(FieldFaultsOf(refused.status()).at(0).field, "devices[1]");
  }
  for (const size_t count : {size_t{0}, size_t{1001}}) {
    EXPECT_EQ(ReasonOf(registry_desk_
                           ->BatchGet({}, Operator(),
                                      std::vector<DeviceKey>(count, plain))
                           .status()),
              Reason::kTooManyItems);
  }
}

TEST_F(Registry, AnUpdateNeedsTheVersionThatWasRead) {
  const Device made = Made("N");
  Device update;
  update.model = "m";
  RegistryCall call = Call();
  call.version = made.version;
  const auto updated =
      registry_desk_->Update(call, {"", "N", {}}, update, {"model"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->model, "m");
  EXPECT_EQ(updated->product_id, "default");
  update.model = "other";
  EXPECT_EQ(
      ReasonOf(registry_desk_->Update(call, {"", "N", {}}, update, {"model"})
                   .status()),
      Reason::kEtagMismatch);
  EXPECT_EQ(ReasonOf(registry_desk_
                         ->Update(Call(), {"", "N", {}}, update, {"product_id"})
                         .status()),
            Reason::kProductUnknown)
      << "a device has a product";
}

TEST_F(Registry, ARepeatIsTheSameChangeAndNoOther) {
  Made("N");
  RegistryCall call = Call();
  call.once_id = "my-id";
  call.once_digest = std::string(32, 'd');
  ASSERT_TRUE(
      registry_desk_->SetState(call, {"", "N", {}}, DeviceState::kBlocked)
          .ok());
  ASSERT_TRUE(
      registry_desk_->SetState(Call(), {"", "N", {}}, DeviceState::kReturned)
          .ok());
  const auto again =
      registry_desk_->SetState(call, {"", "N", {}}, DeviceState::kBlocked);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state, DeviceState::kReturned) << "not blocked again";
  call.once_digest = std::string(32, 'e');
  EXPECT_EQ(ReasonOf(registry_desk_->Delete(call, {"", "N", {}}).status()),
            Reason::kRequestIdReused);
  call.caller.name = "another operator";
  EXPECT_TRUE(registry_desk_->Delete(call, {"", "N", {}}).ok());
}

// The rules of vouchers read the state: what they refuse must have no other way
// out than through a state of the table.
TEST_F(Registry, WhatIsBlockedGetsNoVoucherUntilItMayLeaveThatState) {
  Made("N");
  const DeviceKey key = {"", "N", {}};
  const auto served = [&] {
    return voucher::CheckDeviceState(
               registry_desk_->BatchGet({}, Operator(), {key})->at(0))
        .ok();
  };
  EXPECT_TRUE(served());
  ASSERT_TRUE(
      registry_desk_->SetState(Call(), key, DeviceState::kBlocked).ok());
  EXPECT_FALSE(served());
  EXPECT_EQ(
      ReasonOf(registry_desk_->SetState(Call(), key, DeviceState::kClaimed)
                   .status()),
      Reason::kStateNotAllowed);
  ASSERT_TRUE(
      registry_desk_->SetState(Call(), key, DeviceState::kScrapped).ok());
  for (int to = 1; to < static_cast<int>(DeviceState::kScrapped); ++to) {
    EXPECT_FALSE(
        registry_desk_->SetState(Call(), key, static_cast<DeviceState>(to))
            .ok());
  }
  EXPECT_FALSE(served());
}

TEST_F(Registry, ADeletedDeviceIsUnknownToAllWhoAsk) {
  ASSERT_TRUE(registry_desk_->Delete(Call(), owned_).ok());
  EXPECT_EQ(
      ReasonOf(operator_desk_->GetDevice({}, Operator(), owned_).status()),
      Reason::kDeviceUnknown);
  EXPECT_EQ(List(Operator(), {})->devices.size(), 1u);
  EXPECT_EQ(List(Operator(), {"", "", "", true})->devices.size(), 2u);
  EXPECT_EQ(ReasonOf(registry_desk_->Delete(Call(), owned_).status()),
            Reason::kDeviceUnknown);
  RegistryCall trial = Call();
  trial.validate_only = true;
  ASSERT_TRUE(registry_desk_->Undelete(trial, owned_).ok());
  EXPECT_FALSE(operator_desk_->GetDevice({}, Operator(), owned_).ok());
  ASSERT_TRUE(registry_desk_->Undelete(Call(), owned_).ok());
  EXPECT_TRUE(operator_desk_->GetDevice({}, Operator(), owned_).ok());
}

TEST_F(Registry, AChunkIsOfTheCallersTenantWhateverItSays) {
  ASSERT_TRUE(registry_desk_
                  ->BeginImport({}, Operator(), "i", storage::OnConflict::kFail)
                  .ok());
  storage::ImportChunk chunk;
  chunk.key = {"other", "i"};
  chunk.sequence = 1;
  chunk.devices.resize(1);
  chunk.devices[0].tenant_id = "other";
  chunk.devices[0].serial_number = "N";
  chunk.devices[0].product_id = "default";
  const auto committed = registry_desk_->ImportChunk({}, Operator(), chunk);
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(committed->written.at(0).tenant_id, "acme");
  chunk.sequence = 2;
  chunk.devices.resize(1001);
  EXPECT_EQ(
      ReasonOf(registry_desk_->ImportChunk({}, Operator(), chunk).status()),
      Reason::kTooManyItems);
}

}  // namespace
}  // namespace masa::issuance
