// The feed of ownership changes: every change of a device once, in the order
// of its lane, from any place on, and never less than all of it.
#include <algorithm>
#include <set>

#include "gmock/gmock.h"
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"
#include "storage/feed_rules.h"

namespace masa::storage {

std::vector<FeedBatch> FeedContract::ReadAll(FeedCursor& place) {
  std::vector<FeedBatch> all;
  while (true) {
    const auto batches = feed().ReadAfter(context_, {"a", place, 0, 3});
    EXPECT_TRUE(batches.ok()) << batches.status();
    if (!batches.ok() || batches->empty()) {
      return all;
    }
    for (const FeedBatch& batch : *batches) {
      EXPECT_EQ(batch.position, ++place[batch.lane]);
      all.push_back(batch);
    }
  }
}

std::vector<OwnershipChange> FeedContract::NewChanges() {
  std::vector<OwnershipChange> changes;
  for (const FeedBatch& batch : ReadAll(seen_)) {
    changes.insert(changes.end(), batch.changes.begin(), batch.changes.end());
  }
  return changes;
}

namespace {

Device Owned(Device device, const std::string& owner) {
  device.organization_id = owner;
  return device;
}

// A serial number whose device has its batches in this lane.
std::string SerialInLane(int lane, int from = 0) {
  while (true) {
    const std::string serial = std::to_string(from++);
    if (BucketOf("a", serial) / kBucketsOfALane == lane) {
      return serial;
    }
  }
}

TEST_P(FeedContract, TellsEveryWayInWhichADeviceChanges) {
  const DeviceKey key = {"a", "1", std::nullopt};
  const auto edit = [&](const char* kind, bool deleted, auto change) {
    DeviceEdit order{key, deleted, kind, [change](const Device& stored) {
                       Device device = stored;
                       change(device);
                       return absl::StatusOr<Device>(device);
                     }};
    EXPECT_TRUE(registry().Edit(context_, "t", now_, order).ok()) << kind;
  };
  TreeChange group;
  group.tenant_id = "a";
  group.organization_id = "o";
  group.kind = kGroupCreated;
  group.groups = {{"g", "o", "a group", 1}};
  group.expected_version =
      groups()
          .ReadTrees(context_, {"a", TreeQuestion::By::kOrganization, "o"})
          ->front()
          .version;
  ASSERT_TRUE(groups().Change(context_, "t", now_, group).ok());
  EXPECT_TRUE(NewChanges().empty()) << "a group is no device";
  TransferChange offer;
  const struct {
    const char* name;
    std::function<void()> act;
    ChangeKind kind;
    const char* from;
    const char* to;
    const char* from_group = "";
    const char* to_group = "";
  } cases[] = {
      {"imported", [&] { ImportOne(Owned(MakeDevice("a", "1"), "q")); },
       ChangeKind::kCreated, "", "q"},
      {"imported again",
       [&] {
         devices().Import(context_, "t", now_, {MakeDevice("a", "1")},
                          OnConflict::kUpdate);
       },
       ChangeKind::kUpdated, "q", "q"},
      {"assigned", [&] { devices().Assign(context_, "t", now_, {key}, "o"); },
       ChangeKind::kOwner, "q", "o"},
      {"blocked", [&] { devices().SetBlocked(context_, "t", now_, {key}, 1); },
       ChangeKind::kState, "o", "o"},
      {"not blocked",
       [&] { devices().SetBlocked(context_, "t", now_, {key}, false); },
       ChangeKind::kState, "o", "o"},
      {"placed",
       [&] {
         EXPECT_TRUE(
             groups().Place(context_, "t", now_, {key, "o", "", "g"}).ok());
       },
       ChangeKind::kPlacement, "o", "o", "", "g"},
      {"edited",
       [&] {
         edit(kDeviceUpdated, false, [](Device& d) { d.model = "another"; });
       },
       ChangeKind::kUpdated, "o", "o", "g", "g"},
      {"in another state",
       [&] {
         edit(kDeviceStateSet, false,
              [](Device& d) { d.state = DeviceState::kAllocated; });
       },
       ChangeKind::kState, "o", "o", "g", "g"},
      {"deleted",
       [&] {
         edit(kDeviceDeleted, false, [&](Device& d) { d.deleted_at = now_; });
       },
       ChangeKind::kDeleted, "o", "o", "g", "g"},
      {"brought back",
       [&] {
         edit(kDeviceUndeleted, true, [](Device& d) { d.deleted_at.reset(); });
       },
       ChangeKind::kUndeleted, "o", "o", "g", "g"},
      {"offered",
       [&] {
         offer = OfferOf({"1"});
         EXPECT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
       },
       ChangeKind::kState, "o", "o", "g", "g"},
      {"accepted",
       [&] {
         const TransferChange accept = AcceptanceOf(*offer.transfer);
         EXPECT_TRUE(transfers().Change(context_, "t", now_, accept).ok());
       },
       ChangeKind::kOwner, "o", "q", "g", ""},
      {"nobody's", [&] { devices().Assign(context_, "t", now_, {key}, ""); },
       ChangeKind::kOwner, "q", ""},
  };
  int64_t version = 0;
  for (const auto& c : cases) {
    c.act();
    OwnershipChange expected{
        "1",          std::nullopt, DeviceIdOf("a", "1", {}),
        ++version,    c.kind,       c.from,
        c.from_group, c.to,         c.to_group};
    EXPECT_THAT(NewChanges(), ::testing::ElementsAre(expected)) << c.name;
  }
}

// A batch is in the lane of one of its devices, so that the others' changes
// come in no order.
TEST_P(FeedContract, OfADevicesChangesTheGreatestVersionIsTheLatest) {
  const DeviceKey early = {"a", SerialInLane(3), std::nullopt};
  const DeviceKey late = {"a", SerialInLane(40), std::nullopt};
  for (const DeviceKey& key : {early, late}) {
    ImportOne(MakeDevice("a", key.serial_number));
  }
  devices().Assign(context_, "t", now_, {late}, "o");
  devices().Assign(context_, "t", now_, {late, early}, "q");
  std::vector<std::pair<int64_t, std::string>> told;
  for (const OwnershipChange& change : NewChanges()) {
    if (change.serial_number == late.serial_number) {
      told.emplace_back(change.version, change.to_organization_id);
    }
  }
  EXPECT_THAT(
      told, ::testing::UnorderedElementsAre(std::pair(1, ""), std::pair(2, "o"),
                                            std::pair(3, "q")));
}

TEST_P(FeedContract, AChunkIsOneBatchAndAnIssuerIsKept) {
  const ImportKey import = {"a", "i"};
  ASSERT_TRUE(
      imports().BeginImport(context_, import, OnConflict::kFail, now_).ok());
  ImportChunk chunk;
  chunk.key = import;
  chunk.sequence = 1;
  for (int i = 0; i < 300; ++i) {
    chunk.devices.push_back(
        Owned(MakeDevice("a", "S" + std::to_string(i)), "o"));
    chunk.devices.back().idevid_issuer = std::string("\0issuer\xff", 8);
  }
  const absl::Time at = now_ + absl::Nanoseconds(1'234'567);
  ASSERT_TRUE(imports().CommitChunk(context_, "t", at, chunk).ok());
  FeedCursor place = {};
  const auto batches = ReadAll(place);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].at, now_ + absl::Microseconds(1'234));
  EXPECT_EQ(batches[0].tenant_id, "a");
  std::set<std::string> ids;
  for (const OwnershipChange& change : batches[0].changes) {
    EXPECT_EQ(change.idevid_issuer, chunk.devices[0].idevid_issuer);
    EXPECT_EQ(change.device_id,
              DeviceIdOf("a", change.serial_number, change.idevid_issuer));
    ids.insert(change.device_id);
  }
  EXPECT_EQ(ids.size(), 300u);
}

TEST_P(FeedContract, WhatChangesNothingAndWhatIsRefusedIsNotTold) {
  ImportOne(MakeDevice("a", "1"));
  EXPECT_EQ(NewChanges().size(), 1u);
  devices().Import(context_, "t", now_, {MakeDevice("a", "1")},
                   OnConflict::kSkip);
  devices().Assign(context_, "t", now_, {{"a", "2", {}}}, "o");
  DeviceEdit check{{"a", "1", {}}, false, kDeviceUpdated, [](Device device) {
                     device.model = "another";
                     return absl::StatusOr<Device>(device);
                   }};
  check.validate_only = true;
  EXPECT_TRUE(registry().Edit(context_, "t", now_, check).ok());
  ASSERT_TRUE(log().Commit(context_, {MakeVoucher(Stored("1"), '1')})[0].ok());
  EXPECT_TRUE(NewChanges().empty());
}

TEST_P(FeedContract, ATenantSeesItsOwnChangesAlone) {
  const auto outcomes = devices().Import(
      context_, "t", now_, {MakeDevice("b", "1"), MakeDevice("a", "1")},
      OnConflict::kFail);
  ASSERT_TRUE(outcomes[0].ok() && outcomes[1].ok());
  ImportOne(MakeDevice("b", "2"));
  const auto changes = NewChanges();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].device_id, DeviceIdOf("a", "1", std::nullopt));
  EXPECT_EQ(*feed().ReadHeads(context_, "a"), seen_);
  EXPECT_EQ(*feed().ReadHeads(context_, "nobody"), FeedCursor{});
  EXPECT_EQ(*feed().ReadHeads(context_, std::string("\xff\0", 2)),
            FeedCursor{});
}

TEST_P(FeedContract, GoesOnFromAnyPlaceAndEveryLaneHasItsTurn) {
  const std::string busy = SerialInLane(5);
  const std::string quiet = SerialInLane(6);
  ImportOne(MakeDevice("a", busy));
  ImportOne(MakeDevice("a", quiet));
  for (int i = 0; i < 5; ++i) {
    devices().Assign(context_, "t", now_, {{"a", busy, {}}}, i % 2 ? "o" : "q");
  }
  FeedCursor place = {};
  EXPECT_EQ(ReadAll(place).size(), 7u);
  EXPECT_EQ(place[5], 6);
  EXPECT_EQ(place[6], 1);
  FeedCursor middle = {};
  middle[5] = 4;
  const auto rest = ReadAll(middle);
  EXPECT_EQ(rest.size(), 3u);
  EXPECT_EQ(middle, place);
  const auto first = feed().ReadAfter(context_, {"a", {}, 6, 1});
  ASSERT_TRUE(first.ok() && first->size() == 1u) << first.status();
  EXPECT_EQ(first->front().lane, 6);
  const auto two = feed().ReadAfter(context_, {"a", {}, 0, 4});
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_TRUE(std::any_of(two->begin(), two->end(), [](const FeedBatch& b) {
    return b.lane == 6;
  })) << "a lane that is full leaves room for the others";
  EXPECT_LE(two->size(), 4u);
}

TEST_P(FeedContract, APlaceThatIsNotKeptIsRefusedAndTheEndIsAlwaysKept) {
  const std::string serial = SerialInLane(9);
  ImportOne(MakeDevice("a", serial));
  FeedCursor end = *feed().ReadHeads(context_, "a");
  ASSERT_NO_FATAL_FAILURE(stores().ForgetFeed());
  EXPECT_REASON(Reason::kResumeTokenExpired,
                feed().ReadAfter(context_, {"a", {}, 0, 16}));
  const auto none = feed().ReadAfter(context_, {"a", end, 0, 16});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->empty());
  devices().Assign(context_, "t", now_, {{"a", serial, {}}}, "o");
  EXPECT_EQ(ReadAll(end).size(), 1u);
  EXPECT_REASON(Reason::kResumeTokenExpired,
                feed().ReadAfter(context_, {"a", {}, 0, 16}));
  // Of a database that was put back to an older day.
  FeedCursor ahead = end;
  ++ahead[9];
  EXPECT_REASON(Reason::kResumeTokenExpired,
                feed().ReadAfter(context_, {"a", ahead, 0, 16}));
}

TEST_P(FeedContract, SaysWhenTheStoreIsAway) {
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store cannot be stopped here";
  }
  EXPECT_REASON(Reason::kStoreUnavailable, feed().ReadHeads(context_, "a"));
  EXPECT_REASON(Reason::kStoreUnavailable,
                feed().ReadAfter(context_, {"a", {}, 0, 16}));
  stores().Restart();
  EXPECT_TRUE(feed().ReadHeads(context_, "a").ok());
}

}  // namespace
}  // namespace masa::storage
