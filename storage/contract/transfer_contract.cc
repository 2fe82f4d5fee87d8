#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"
#include "storage/device_changes.h"
#include "storage/ownership_history.h"

namespace masa::storage {

Device TransferContract::Stored(const std::string& serial) {
  const auto answer = FindOne({{"a", serial, std::nullopt}, ""});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? answer->device : Device();
}

TransferChange TransferContract::OfferOf(
    const std::vector<std::string>& serials) {
  TransferChange change;
  change.tenant_id = "a";
  change.device_kind = kDeviceOffered;
  change.transfer_kind = kTransferOffered;
  Transfer& transfer = change.transfer.emplace();
  transfer.tenant_id = "a";
  transfer.transfer_id = NewEventId(now_);
  transfer.from_organization_id = "o";
  transfer.to_organization_id = "q";
  transfer.offered_at = now_;
  transfer.expires_at = now_ + absl::Hours(1);
  for (const std::string& serial : serials) {
    Device device = Stored(serial);
    transfer.devices.push_back({device.bucket, device.device_id, serial,
                                device.idevid_issuer, device.state,
                                HoldState::kHeld});
    device.state = DeviceState::kInTransfer;
    ++device.version;
    change.devices.push_back(device);
  }
  return change;
}

TransferChange TransferContract::AcceptanceOf(const Transfer& offered) {
  TransferChange change;
  change.tenant_id = "a";
  change.device_kind = kDeviceTransferred;
  change.transfer_kind = kTransferAccepted;
  change.opens_past = offered.keep_history;
  change.transfer = offered;
  change.transfer->state = TransferState::kAccepted;
  change.transfer->ended_at = now_ + absl::Minutes(1);
  ++change.transfer->version;
  for (TransferDevice& held : change.transfer->devices) {
    held.hold = HoldState::kMoved;
    Device device = Stored(held.serial_number);
    device.organization_id = "q";
    device.group_id.clear();
    device.state = DeviceState::kAllocated;
    ++device.version;
    change.devices.push_back(device);
  }
  return change;
}

namespace {

TEST_P(TransferContract, AnOfferHoldsItsDevicesAndIsReadBack) {
  for (const char* serial : {"2", "1"}) {
    Device device = MakeDevice("a", serial);
    device.organization_id = "o";
    ImportOne(device);
  }
  const TransferChange offer = OfferOf({"2", "1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
  const auto found =
      transfers().FindTransfer(context_, "a", offer.transfer->transfer_id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, *offer.transfer);
  EXPECT_EQ(Stored("1").state, DeviceState::kInTransfer);
  EXPECT_EQ(Stored("1").organization_id, "o");
  EXPECT_EQ(CountEvents(kDeviceOffered), 2);
  EXPECT_EQ(CountEvents(kTransferOffered), 1);
  EXPECT_EQ(HistoryOf("1").size(), 1u) << "the owner is the same";
  EXPECT_REASON(
      Reason::kTransferUnknown,
      transfers().FindTransfer(context_, "b", offer.transfer->transfer_id));
  EXPECT_REASON(Reason::kTransferUnknown,
                transfers().FindTransfer(context_, "a", "short"));
}

TEST_P(TransferContract, AnAcceptanceMovesAndRecordsTheOwner) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  TransferChange offer = OfferOf({"1"});
  offer.transfer->keep_history = false;
  ASSERT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
  const TransferChange acceptance = AcceptanceOf(*offer.transfer);
  ASSERT_TRUE(transfers().Change(context_, "t", now_, acceptance).ok());
  EXPECT_EQ(Stored("1").organization_id, "q");
  EXPECT_EQ(Stored("1").state, DeviceState::kAllocated);
  EXPECT_EQ(
      *transfers().FindTransfer(context_, "a", offer.transfer->transfer_id),
      *acceptance.transfer);
  const auto records = HistoryOf("1");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].entry.kind, OwnerChange::kTransferred);
  EXPECT_EQ(records[1].entry.to_organization_id, "q");
  EXPECT_FALSE(records[1].entry.opens_past);
  const auto opened = histories().ReadHistory(
      context_, {device.bucket, device.device_id, true, 0, 10});
  ASSERT_TRUE(opened.ok()) << opened.status();
  ASSERT_EQ(opened->size(), 1u);
  EXPECT_EQ(opened->front().entry.number, 1);
  // The same decision once more comes too late.
  EXPECT_REASON(Reason::kStoreConflict,
                transfers().Change(context_, "t", now_, acceptance));
  EXPECT_EQ(HistoryOf("1").size(), 2u);
}

// Blocked before it was sold, or given back: there is no receiver to look for.
TEST_P(TransferContract, ADeviceMayBeNobodysBeforeAndAfter) {
  Device owned = MakeDevice("a", "1");
  owned.organization_id = "o";
  ImportOne(owned);
  ImportOne(MakeDevice("a", "2"));
  TransferChange change;
  change.tenant_id = "a";
  change.device_kind = kDeviceReleased;
  for (const char* serial : {"1", "2"}) {
    Device device = Stored(serial);
    device.organization_id.clear();
    device.state = DeviceState::kBlocked;
    ++device.version;
    change.devices.push_back(device);
  }
  const absl::Status status = transfers().Change(context_, "t", now_, change);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Stored("1").organization_id, "");
  EXPECT_EQ(Stored("2").state, DeviceState::kBlocked);
}

TEST_P(TransferContract, WhatChangedMeanwhileIsNotOverwritten) {
  for (const char* serial : {"1", "2"}) {
    Device device = MakeDevice("a", serial);
    device.organization_id = "o";
    ImportOne(device);
  }
  const TransferChange offer = OfferOf({"1", "2"});
  ASSERT_TRUE(
      devices()
          .SetBlocked(context_, "t", now_, {{"a", "2", std::nullopt}}, true)[0]
          .ok());
  EXPECT_REASON(Reason::kStoreConflict,
                transfers().Change(context_, "t", now_, offer));
  EXPECT_EQ(Stored("1").state, DeviceState::kManufactured);
  EXPECT_EQ(CountEvents(kDeviceOffered), 0);
  EXPECT_REASON(
      Reason::kTransferUnknown,
      transfers().FindTransfer(context_, "a", offer.transfer->transfer_id));
}

TEST_P(TransferContract, ADeviceOfferedAgainIsLostToTheOldOffer) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  const TransferChange first = OfferOf({"1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, first).ok());
  const DeviceKey key = {"a", "1", std::nullopt};
  for (const bool blocked : {true, false}) {
    ASSERT_TRUE(
        devices().SetBlocked(context_, "t", now_, {key}, blocked)[0].ok());
  }
  const TransferChange second = OfferOf({"1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, second).ok());
  const auto hold_in = [this](const TransferChange& change) {
    return transfers()
        .FindTransfer(context_, "a", change.transfer->transfer_id)
        ->devices.at(0)
        .hold;
  };
  EXPECT_EQ(hold_in(first), HoldState::kLost);
  EXPECT_EQ(hold_in(second), HoldState::kHeld);
}

// Whoever answers the old offer may have read it before the new one took the
// device, and the device after.
TEST_P(TransferContract, AnOldOfferDoesNotTakeWhatIsOfferedAnew) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  const TransferChange first = OfferOf({"1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, first).ok());
  const Transfer as_read =
      *transfers().FindTransfer(context_, "a", first.transfer->transfer_id);
  const DeviceKey key = {"a", "1", std::nullopt};
  for (const bool blocked : {true, false}) {
    ASSERT_TRUE(
        devices().SetBlocked(context_, "t", now_, {key}, blocked)[0].ok());
  }
  const TransferChange second = OfferOf({"1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, second).ok());
  TransferChange end = AcceptanceOf(as_read);
  for (const HoldState hold : {HoldState::kMoved, HoldState::kReturned}) {
    end.transfer->devices[0].hold = hold;
    EXPECT_REASON(Reason::kStoreConflict,
                  transfers().Change(context_, "t", now_, end));
  }
  EXPECT_EQ(Stored("1").organization_id, "o");
  EXPECT_EQ(Stored("1").state, DeviceState::kInTransfer);
  // As the end is planned anew.
  end.devices.clear();
  end.transfer->devices[0].hold = HoldState::kLost;
  EXPECT_TRUE(transfers().Change(context_, "t", now_, end).ok());
  EXPECT_TRUE(transfers()
                  .Change(context_, "t", now_, AcceptanceOf(*second.transfer))
                  .ok());
  EXPECT_EQ(Stored("1").organization_id, "q");
}

TEST_P(TransferContract, ARequestIdStandsForOneChange) {
  for (const char* serial : {"1", "2"}) {
    Device device = MakeDevice("a", serial);
    device.organization_id = "o";
    ImportOne(device);
  }
  TransferChange offer = OfferOf({"1"});
  offer.once = {"a", "t", "once"};
  offer.once_digest = std::string(32, 'd');
  offer.result = "what came of it";
  ASSERT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
  const auto known = groups().Recall(context_, *offer.once);
  ASSERT_TRUE(known.ok() && known->has_value());
  EXPECT_EQ((*known)->digest, offer.once_digest);
  EXPECT_EQ((*known)->result, offer.result);
  TransferChange other = OfferOf({"2"});
  other.once = offer.once;
  other.once_digest = offer.once_digest;
  EXPECT_REASON(Reason::kStoreConflict,
                transfers().Change(context_, "t", now_, other));
  EXPECT_EQ(Stored("2").state, DeviceState::kManufactured);
}

TEST_P(TransferContract, ListsBothPartiesTransfersAndThoseThatLapsed) {
  std::vector<std::string> ids;
  for (const char* serial : {"1", "2", "3"}) {
    Device device = MakeDevice("a", serial);
    device.organization_id = "o";
    ImportOne(device);
    TransferChange offer = OfferOf({serial});
    offer.transfer->expires_at += absl::Hours(static_cast<int>(ids.size()));
    ASSERT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
    ids.push_back(offer.transfer->transfer_id);
  }
  for (const char* organization : {"o", "q"}) {
    const auto all =
        transfers().ListTransfers(context_, "a", organization, "", 10);
    ASSERT_TRUE(all.ok()) << all.status();
    ASSERT_EQ(all->size(), 3u);
    EXPECT_TRUE(all->front().devices.empty());
    const auto rest = transfers().ListTransfers(context_, "a", organization,
                                                all->front().transfer_id, 1);
    ASSERT_EQ(rest->size(), 1u);
    EXPECT_EQ(rest->front().transfer_id, all->at(1).transfer_id);
  }
  EXPECT_TRUE(transfers().ListTransfers(context_, "b", "o", "", 10)->empty());
  const auto lapsed = [&](absl::Duration after) {
    return transfers().ListLapsed(context_, now_ + after, 10)->size();
  };
  EXPECT_EQ(lapsed(absl::Minutes(59)), 0u);
  EXPECT_EQ(lapsed(absl::Hours(1)), 1u);
  EXPECT_EQ(lapsed(absl::Hours(2)), 2u);
  const auto first = transfers().FindTransfer(context_, "a", ids[0]);
  ASSERT_TRUE(
      transfers().Change(context_, "t", now_, AcceptanceOf(*first)).ok());
  EXPECT_EQ(lapsed(absl::Hours(2)), 1u) << "what has ended does not lapse";
}

TEST_P(TransferContract, DevicesGoIntoAGroupOfTheirOwnersThatIsThere) {
  TreeChange group;
  group.tenant_id = "a";
  group.organization_id = "o";
  group.expected_version =
      groups()
          .ReadTrees(context_, {"a", TreeQuestion::By::kOrganization, "o", {}})
          ->front()
          .version;
  group.kind = kGroupCreated;
  group.groups = {{"g1", "o", "one", 1}};
  ASSERT_TRUE(groups().Change(context_, "t", now_, group).ok());
  TransferChange change;
  change.tenant_id = "a";
  change.device_kind = kDevicePlaced;
  for (const char* serial : {"1", "2"}) {
    Device device = MakeDevice("a", serial);
    device.organization_id = "o";
    ImportOne(device);
    change.devices.push_back(Stored(serial));
    ++change.devices.back().version;
  }
  const auto place = [&](const std::string& in) {
    change.group_id = in;
    for (Device& device : change.devices) {
      device.group_id = in;
    }
    return transfers().Change(context_, "t", now_, change);
  };
  EXPECT_REASON(Reason::kStoreConflict, place("g2"));
  EXPECT_REASON(Reason::kStoreConflict, place("q"));  // another's root
  EXPECT_EQ(Stored("1").group_id, "");
  const absl::Status placed = place("g1");
  ASSERT_TRUE(placed.ok()) << placed;
  EXPECT_EQ(Stored("1").group_id, "g1");
  EXPECT_EQ(Stored("2").group_id, "g1");
  EXPECT_EQ(CountEvents(kDevicePlaced), 2);
  EXPECT_EQ(HistoryOf("1").size(), 1u) << "the owner is the same";
  EXPECT_REASON(Reason::kStoreConflict, place("g1"));  // once more, too late
}

// Only the end of the transfer, or a block, changes what is offered.
TEST_P(TransferContract, AnOfferedDeviceIsNeitherAssignedPlacedNorUpdated) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  ASSERT_TRUE(transfers().Change(context_, "t", now_, OfferOf({"1"})).ok());
  const DeviceKey key = {"a", "1", std::nullopt};
  EXPECT_REASON(Reason::kDeviceInTransfer,
                devices().Assign(context_, "t", now_, {key}, "q")[0]);
  EXPECT_REASON(Reason::kDeviceInTransfer,
                devices().Import(context_, "t", now_, {MakeDevice("a", "1")},
                                 OnConflict::kUpdate)[0]);
  EXPECT_REASON(Reason::kDeviceInTransfer,
                groups().Place(context_, "t", now_, {key, "o", "", ""}));
  EXPECT_EQ(Stored("1").organization_id, "o");
}

}  // namespace
}  // namespace masa::storage
