#include "services/issuance/serve_transfers.h"

#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"
#include "services/issuance/transfer_memo.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using ownership::TransferAct;
using storage::DeviceState;
using storage::TransferState;

constexpr char kOwned[] = "OWNED-1";

identity::Principal Customer(const std::string& organization,
                             const std::string& username) {
  identity::Principal caller;
  caller.role = identity::Role::kCustomer;
  caller.name = organization + ":" + username;
  caller.tenant_id = "acme";
  caller.organization_id = organization;
  caller.username = username;
  return caller;
}

class Transfers : public Desk {
 protected:
  Transfers() : desk_(*tools_, store_, store_) {
    masa::v1::Catalog catalog;
    for (const char* name : {"org-acme", "org-other", "org-third"}) {
      auto* organization = catalog.add_organizations();
      organization->set_tenant_id("acme");
      organization->set_organization_id(name);
      auto* binding = catalog.add_access_bindings();
      binding->set_tenant_id("acme");
      binding->set_organization_id(name);
      binding->set_username("admin");
      binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
      binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
    }
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  }

  GroupCall By(const std::string& organization,
               const std::string& username = "admin") {
    GroupCall call;
    call.caller = Customer(organization, username);
    return call;
  }
  GroupCall ByOperator() {
    GroupCall call;
    call.caller = {identity::Role::kOperator, "operator", "acme", ""};
    return call;
  }

  OfferOrder Order() {
    OfferOrder order;
    order.to_organization_id = "org-other";
    order.devices = {{"", kOwned, std::nullopt}};
    return order;
  }

  // The id of an offer of kOwned from org-acme to org-other.
  std::string Offered() {
    const auto offered = desk_.Offer(By("org-acme"), Order());
    EXPECT_TRUE(offered.ok()) << offered.status();
    EXPECT_TRUE(offered->outcomes.at(0).ok()) << offered->outcomes[0];
    return offered->transfer->transfer_id;
  }

  storage::Device Stored() {
    return store_.Find({}, {{{"acme", kOwned, {}}, ""}})[0]->device;
  }

  std::vector<storage::HistoryRecord> History(const GroupCall& call) {
    const auto page = desk_.GetHistory(call, {"", kOwned, {}}, 0, 100);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->records : std::vector<storage::HistoryRecord>();
  }

  ServeTransfers desk_;
};

TEST_F(Transfers, TwoPartiesMoveADevice) {
  const std::string id = Offered();
  EXPECT_EQ(Stored().state, DeviceState::kInTransfer);
  EXPECT_EQ(Refusal(Request(kOwned)), Reason::kDeviceInTransfer);
  const auto accepted =
      desk_.End(By("org-other"), id, TransferAct::kAccept, std::nullopt);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->transfer->state, TransferState::kAccepted);
  EXPECT_EQ(Stored().organization_id, "org-other");
  EXPECT_EQ(Stored().state, DeviceState::kAllocated);
  // The old owner's registrar has it no more, and the new owner's has.
  EXPECT_FALSE(Ask(Request(kOwned)).ok());
  registrar_ = RegistrarOf(other_ca_);
  domain_ca_ = other_ca_;
  const auto voucher = Ask(Request(kOwned));
  EXPECT_TRUE(voucher.ok()) << voucher.status();
}

TEST_F(Transfers, WhatIsGivenBackServesItsOwnerAgain) {
  const struct {
    const char* who;
    TransferAct act;
  } cases[] = {{"org-other", TransferAct::kReject},
               {"org-acme", TransferAct::kCancel}};
  for (const auto& c : cases) {
    const std::string id = Offered();
    const auto ended = desk_.End(By(c.who), id, c.act, std::nullopt);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(Stored().state, DeviceState::kManufactured);
    EXPECT_EQ(Stored().organization_id, "org-acme");
    EXPECT_EQ(
        ReasonOf(
            desk_.End(By("org-other"), id, TransferAct::kAccept, {}).status()),
        Reason::kTransferEnded);
  }
  EXPECT_TRUE(Ask(Request(kOwned)).ok());
}

TEST_F(Transfers, OnlyAdministratorsOfTheTwoRootGroupsTakePart) {
  // A requestor of the giver's, and an administrator of somebody else's.
  EXPECT_EQ(ReasonOf(desk_.Offer(By("org-acme", kAccount), Order()).status()),
            Reason::kOrganizationUnknown);
  OfferOrder foreign = Order();
  foreign.from_organization_id = "org-acme";
  EXPECT_EQ(ReasonOf(desk_.Offer(By("org-third"), foreign).status()),
            Reason::kOrganizationUnknown);
  const std::string id = Offered();
  for (const GroupCall& call :
       {By("org-third"), By("org-other", kAccount), By("org-acme", "nobody")}) {
    EXPECT_EQ(ReasonOf(desk_.GetTransfer(call, id).status()),
              Reason::kTransferUnknown);
    EXPECT_EQ(ReasonOf(desk_.End(call, id, TransferAct::kAccept, {}).status()),
              Reason::kTransferUnknown);
  }
  EXPECT_EQ(
      ReasonOf(
          desk_.End(By("org-acme"), id, TransferAct::kAccept, {}).status()),
      Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(
          desk_.End(By("org-other"), id, TransferAct::kCancel, {}).status()),
      Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(
          desk_.GetTransfer(By("org-acme"), std::string(16, 'x')).status()),
      Reason::kTransferUnknown);
}

TEST_F(Transfers, ForeignAndUnknownDevicesSoundAlike) {
  OfferOrder order = Order();
  order.to_organization_id = "org-acme";
  order.devices = {{"", kOwned, {}}, {"", "no such serial", {}}};
  const auto offered = desk_.Offer(By("org-other"), order);
  ASSERT_TRUE(offered.ok()) << offered.status();
  EXPECT_FALSE(offered->transfer.has_value());
  EXPECT_EQ(ReasonOf(offered->outcomes[0]), Reason::kDeviceUnknown);
  EXPECT_EQ(offered->outcomes[0], offered->outcomes[1]);
  for (const char* serial : {kOwned, "no such serial"}) {
    EXPECT_EQ(
        ReasonOf(desk_.GetHistory(By("org-other"), {"", serial, {}}, 0, 10)
                     .status()),
        Reason::kDeviceUnknown);
  }
}

TEST_F(Transfers, AnOperatorStandsInForBoth) {
  OfferOrder order = Order();
  order.from_organization_id = "org-acme";
  const auto offered = desk_.Offer(ByOperator(), order);
  ASSERT_TRUE(offered.ok()) << offered.status();
  ASSERT_TRUE(desk_
                  .End(ByOperator(), offered->transfer->transfer_id,
                       TransferAct::kAccept, {})
                  .ok());
  const auto records = History(ByOperator());
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].entry.kind, storage::OwnerChange::kOverridden);
}

TEST_F(Transfers, ThePastIsTheNewOwnersToReadWhereItWasKept) {
  for (const bool keep : {true, false}) {
    OfferOrder order = Order();
    order.keep_history = keep;
    order.from_organization_id = Stored().organization_id;
    order.to_organization_id =
        order.from_organization_id == "org-acme" ? "org-other" : "org-acme";
    const auto offered = desk_.Offer(By(order.from_organization_id), order);
    ASSERT_TRUE(offered.ok()) << offered.status();
    const GroupCall receiver = By(order.to_organization_id);
    ASSERT_TRUE(desk_
                    .End(receiver, offered->transfer->transfer_id,
                         TransferAct::kAccept, {})
                    .ok());
    EXPECT_EQ(History(receiver).size(), keep ? 2u : 1u);
  }
  EXPECT_EQ(History(ByOperator()).size(), 3u);
}

TEST_F(Transfers, ValidateOnlyWritesNothing) {
  const size_t events = store_.Events().size();
  GroupCall call = By("org-acme");
  call.validate_only = true;
  const auto offered = desk_.Offer(call, Order());
  ASSERT_TRUE(offered.ok()) << offered.status();
  EXPECT_TRUE(offered->outcomes[0].ok());
  ASSERT_TRUE(desk_.Release(call, "", Order().devices).ok());
  EXPECT_EQ(Stored().state, DeviceState::kManufactured);
  EXPECT_EQ(store_.Events().size(), events);
}

TEST_F(Transfers, ARepeatedRequestIdGetsTheFirstAnswer) {
  GroupCall call = By("org-acme");
  call.once_id = "once";
  call.once_digest = std::string(32, 'd');
  OfferOrder order = Order();
  order.devices.push_back({"", "none", {}});
  const auto first = desk_.Offer(call, order);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = desk_.Offer(call, order);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->transfer->transfer_id, first->transfer->transfer_id);
  ASSERT_EQ(second->outcomes.size(), 2u);
  EXPECT_TRUE(second->outcomes[0].ok());
  EXPECT_EQ(second->outcomes[1], first->outcomes[1]);
  call.once_digest = std::string(32, 'e');
  EXPECT_EQ(ReasonOf(desk_.Offer(call, order).status()),
            Reason::kRequestIdReused);
}

TEST_F(Transfers, ARepeatOfWhatWasRefusedIsRefusedAgain) {
  GroupCall call = ByOperator();
  call.once_id = "once";
  call.once_digest = std::string(32, 'd');
  const std::vector<storage::DeviceKey> later = {{"", "LATER-1", {}}};
  const size_t events = store_.Events().size();
  const auto first = desk_.Assign(call, later, "org-acme");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(first->outcomes.at(0)), Reason::kDeviceUnknown);
  EXPECT_EQ(store_.Events().size(), events) << "nothing changed";
  Import("LATER-1", "owned");
  const auto again = desk_.Assign(call, later, "org-acme");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcomes, first->outcomes);
  call.once_digest = std::string(32, 'e');
  EXPECT_EQ(ReasonOf(desk_.Assign(call, later, "org-other").status()),
            Reason::kRequestIdReused);
}

// The first call is written between the repeat's look for it and its plan.
TEST_F(Transfers, ARepeatBesideTheFirstCallGetsItsAnswer) {
  RacingStore racing(store_);
  const Tools& tools = *tools_;
  ServeTransfers desk(
      Tools{tools.catalog, tools.devices, tools.log, tools.signer,
            tools.verifier, tools.clock, tools.policies, tools.templates,
            tools.claims, tools.owned, racing},
      store_, store_);
  GroupCall call = By("org-acme");
  call.once_id = "once";
  call.once_digest = std::string(32, 'd');
  absl::StatusOr<TransferOutcome> first;
  racing.recalled = [&] { first = desk_.Offer(call, Order()); };
  const auto offer = desk.Offer(call, Order());
  ASSERT_TRUE(offer.ok() && first.ok()) << offer.status() << first.status();
  ASSERT_TRUE(offer->transfer.has_value());
  const std::string id = offer->transfer->transfer_id;
  EXPECT_EQ(id, first->transfer->transfer_id);
  EXPECT_TRUE(offer->outcomes.at(0).ok()) << offer->outcomes[0];
  GroupCall other = By("org-other");
  other.once_id = "once";
  other.once_digest = std::string(32, 'a');
  const auto accept = [&](ServeTransfers& at) {
    return at.End(other, id, TransferAct::kAccept, {});
  };
  racing.recalled = [&] { first = accept(desk_); };
  const auto accepted = accept(desk);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->transfer, first->transfer);
}

// The answer got lost, and the caller asks again under the same id.
TEST_F(Transfers, AnOfferThatWasStoredUnheardIsNotMadeTwice) {
  const std::string id = Offered();
  GroupCall call = By("org-other");
  call.once_id = "once";
  call.once_digest = std::string(32, 'd');
  // After the reads: recall, transfer, two trees, devices.
  for (int failing = 0; failing < 6; ++failing) {
    store_.FailNext(storage::MemoryStore::Failure::kStored, 1);
    EXPECT_FALSE(desk_.End(call, id, TransferAct::kAccept, {}).ok());
  }
  ASSERT_TRUE(desk_.End(call, id, TransferAct::kAccept, {}).ok());
  ASSERT_TRUE(desk_.End(call, id, TransferAct::kAccept, {}).ok());
  EXPECT_EQ(History(ByOperator()).size(), 2u);
}

TEST_F(Transfers, AnOldEtagIsRefused) {
  const std::string id = Offered();
  EXPECT_EQ(
      ReasonOf(desk_.End(By("org-acme"), id, TransferAct::kCancel, 7).status()),
      Reason::kEtagMismatch);
  EXPECT_TRUE(desk_.End(By("org-acme"), id, TransferAct::kCancel, 1).ok());
}

TEST_F(Transfers, AnUnansweredOfferEndsByItself) {
  const std::string id = Offered();
  EXPECT_EQ(*desk_.ExpireOffers({}, 10), 0);
  clock_.Advance(absl::Hours(24 * 31));
  EXPECT_EQ(
      ReasonOf(
          desk_.End(By("org-other"), id, TransferAct::kAccept, {}).status()),
      Reason::kTransferEnded);
  EXPECT_EQ(*desk_.ExpireOffers({}, 10), 1);
  EXPECT_EQ(*desk_.ExpireOffers({}, 10), 0);
  EXPECT_EQ(Stored().state, DeviceState::kManufactured);
  EXPECT_EQ(desk_.GetTransfer(By("org-acme"), id)->state,
            TransferState::kExpired);
}

// A store that cannot answer is no device that was lost.
TEST_F(Transfers, AStoreThatFailsEndsNoTransfer) {
  const std::string id = Offered();
  store_.Stop(true);
  EXPECT_EQ(
      ReasonOf(
          desk_.End(By("org-other"), id, TransferAct::kAccept, {}).status()),
      Reason::kStoreUnavailable);
  store_.Stop(false);
  EXPECT_EQ(desk_.GetTransfer(By("org-other"), id)->devices[0].hold,
            storage::HoldState::kHeld);
}

TEST_F(Transfers, AReleasedDeviceIsNobodys) {
  const auto released = desk_.Release(By("org-acme"), "", Order().devices);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_TRUE(released->outcomes[0].ok());
  EXPECT_EQ(Stored().organization_id, "");
  EXPECT_EQ(Stored().state, DeviceState::kReturned);
  const auto records = History(ByOperator());
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].entry.kind, storage::OwnerChange::kReleased);
  EXPECT_FALSE(Ask(Request(kOwned)).ok());
}

TEST_F(Transfers, ACallHasOneToAThousandDevices) {
  OfferOrder order = Order();
  order.devices.clear();
  EXPECT_EQ(ReasonOf(desk_.Offer(By("org-acme"), order).status()),
            Reason::kTooManyItems);
  order.devices.assign(1001, {"", kOwned, {}});
  EXPECT_EQ(ReasonOf(desk_.Offer(By("org-acme"), order).status()),
            Reason::kTooManyItems);
  EXPECT_EQ(ReasonOf(desk_.Release(By("org-acme"), "", order.devices).status()),
            Reason::kTooManyItems);
}

TEST_F(Transfers, ListsAreForAdministratorsOfTheOrganisation) {
  const std::string id = Offered();
  for (const char* organization : {"org-acme", "org-other"}) {
    const auto all =
        desk_.ListTransfers(By(organization), organization, "", 10);
    ASSERT_TRUE(all.ok()) << all.status();
    ASSERT_EQ(all->size(), 1u);
    EXPECT_EQ(all->front().transfer_id, id);
  }
  EXPECT_EQ(
      ReasonOf(
          desk_.ListTransfers(By("org-third"), "org-acme", "", 10).status()),
      Reason::kOrganizationUnknown);
}

TEST(TransferMemo, IsReadBackAsItWasWritten) {
  const TransferMemo memo = {
      std::string(16, '\0'),
      {absl::OkStatus(), Refuse(Reason::kDeviceBlocked, "it is blocked"),
       absl::OkStatus()}};
  const TransferMemo read = ParseMemo(EncodeMemo(memo));
  EXPECT_EQ(read.transfer_id, memo.transfer_id);
  EXPECT_EQ(read.outcomes, memo.outcomes);
  EXPECT_TRUE(ParseMemo(EncodeMemo({})).outcomes.empty());
}

}  // namespace
}  // namespace masa::issuance
