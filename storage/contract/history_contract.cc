#include <algorithm>

#include "gmock/gmock.h"
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"
#include "storage/ownership_history.h"

namespace masa::storage {

std::vector<HistoryRecord> HistoryContract::HistoryOf(
    const std::string& serial) {
  const auto records = histories().ReadHistory(
      context_, {BucketOf("a", serial), DeviceIdOf("a", serial, std::nullopt),
                 false, 0, 100});
  EXPECT_TRUE(records.ok()) << records.status();
  return records.ok() ? *records : std::vector<HistoryRecord>();
}

namespace {

Device Owned(Device device, const std::string& owner) {
  device.organization_id = owner;
  return device;
}

BatchSignature SignatureOf(const OwnershipBatch& batch,
                           const std::string& octets, absl::Time at) {
  return {batch.batch_id, "key", octets, {"leaf", std::string(300, 'c')}, at};
}

TEST_P(HistoryContract, BeginsWithWhoeverADeviceIsMadeOrImportedFor) {
  DeviceCreation creation;
  creation.device = Owned(MakeDevice("a", "made"), "o");
  ASSERT_TRUE(registry().Create(context_, "t", now_, creation).ok());
  const ImportKey import = {"a", "i"};
  ASSERT_TRUE(
      imports().BeginImport(context_, import, OnConflict::kFail, now_).ok());
  ImportChunk chunk;
  chunk.key = import;
  chunk.sequence = 1;
  chunk.devices = {Owned(MakeDevice("a", "imported"), "o")};
  ASSERT_TRUE(imports().CommitChunk(context_, "t", now_, chunk).ok());
  for (const char* serial : {"made", "imported"}) {
    const auto records = HistoryOf(serial);
    ASSERT_EQ(records.size(), 1u) << serial;
    EXPECT_EQ(records[0].entry.to_organization_id, "o");
  }
}

TEST_P(HistoryContract, AnOwnerIsOneSinceTheNewestChange) {
  const auto since = [this](const std::string& serial) {
    return owned().OwnedSince(
        context_,
        {BucketOf("a", serial), DeviceIdOf("a", serial, std::nullopt)});
  };
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  ImportOne(MakeDevice("a", "nobody's"));
  ASSERT_TRUE(since("1").ok()) << since("1").status();
  EXPECT_EQ(*since("1"), now_);
  EXPECT_EQ(*since("nobody's"), absl::InfinitePast());
  EXPECT_EQ(*since("none"), absl::InfinitePast());
  absl::Time at = now_;
  for (const char* owner : {"q", "o"}) {
    at += absl::Microseconds(1'234'567);
    ASSERT_TRUE(
        devices()
            .Assign(context_, "t", at, {{"a", "1", std::nullopt}}, owner)[0]
            .ok());
    EXPECT_EQ(*since("1"), at);
  }
}

TEST_P(HistoryContract, EachChangeOfOwnerIsAnEntryThatHoldsTheOneBefore) {
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  const DeviceKey key = {"a", "1", std::nullopt};
  const absl::Time later = now_ + absl::Nanoseconds(1'234'567);
  for (const char* owner : {"q", "q", ""}) {
    ASSERT_TRUE(devices().Assign(context_, "t", later, {key}, owner)[0].ok());
  }
  const auto records = HistoryOf("1");
  ASSERT_EQ(records.size(), 3u) << "an owner that stays is no entry";
  const struct {
    OwnerChange kind;
    const char* from;
    const char* to;
  } expected[] = {{OwnerChange::kImported, "", "o"},
                  {OwnerChange::kAssigned, "o", "q"},
                  {OwnerChange::kAssigned, "q", ""}};
  std::string prev = NoHash();
  for (size_t i = 0; i < 3; ++i) {
    const OwnershipEntry& entry = records[i].entry;
    EXPECT_EQ(entry.number, static_cast<int32_t>(i));
    EXPECT_EQ(entry.kind, expected[i].kind);
    EXPECT_EQ(entry.from_organization_id, expected[i].from);
    EXPECT_EQ(entry.to_organization_id, expected[i].to);
    EXPECT_EQ(entry.prev_hash, prev);
    EXPECT_EQ(entry.device_id, DeviceIdOf("a", "1", std::nullopt));
    EXPECT_EQ(records[i].batch.tenant_id, "a");
    EXPECT_EQ(records[i].batch.leaves.at(records[i].leaf_index),
              EntryHash(entry))
        << "what is read back has the hash of what was written";
    EXPECT_FALSE(records[i].signature.has_value());
    prev = EntryHash(entry);
  }
}

TEST_P(HistoryContract, WhatChangesNoOwnerIsNoEntry) {
  ImportOne(MakeDevice("a", "1"));
  const DeviceKey key = {"a", "1", std::nullopt};
  ASSERT_TRUE(devices().SetBlocked(context_, "t", now_, {key}, true)[0].ok());
  EXPECT_TRUE(HistoryOf("1").empty());
  EXPECT_TRUE(histories().ListUnsigned(context_, "a", 10)->empty());
}

TEST_P(HistoryContract, AnImportIsOneBatchForAllItsDevices) {
  std::vector<Device> many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(Owned(MakeDevice("a", std::to_string(i)), "o"));
  }
  devices().Import(context_, "t", now_, many, OnConflict::kFail);
  const auto batches = histories().ListUnsigned(context_, "a", 10);
  ASSERT_TRUE(batches.ok()) << batches.status();
  ASSERT_EQ(batches->size(), 1u);
  EXPECT_EQ(batches->front().leaves.size(), 50u);
  for (const auto& device : many) {
    const auto records = HistoryOf(device.serial_number);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].batch.batch_id, batches->front().batch_id);
    EXPECT_EQ(batches->front().leaves.at(records[0].leaf_index),
              EntryHash(records[0].entry));
  }
}

TEST_P(HistoryContract, AnUpdateByImportContinuesTheChain) {
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  for (const char* owner : {"q", ""}) {
    const auto outcome = devices().Import(context_, "t", now_,
                                          {Owned(MakeDevice("a", "1"), owner)},
                                          OnConflict::kUpdate)[0];
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  const auto records = HistoryOf("1");
  ASSERT_EQ(records.size(), 2u) << "an update without owner keeps the owner";
  EXPECT_EQ(records[1].entry.from_organization_id, "o");
  EXPECT_EQ(records[1].entry.to_organization_id, "q");
  EXPECT_EQ(records[1].entry.prev_hash, EntryHash(records[0].entry));
}

TEST_P(HistoryContract, ABatchIsSignedOnceAndKeepsThat) {
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  ImportOne(Owned(MakeDevice("a", "2"), "o"));
  const auto batches = histories().ListUnsigned(context_, "a", 10);
  ASSERT_EQ(batches->size(), 2u);
  EXPECT_EQ(histories().ListUnsigned(context_, "a", 1)->size(), 1u);
  EXPECT_TRUE(histories().ListUnsigned(context_, "b", 10)->empty());
  const OwnershipBatch& batch = batches->front();
  ASSERT_TRUE(histories()
                  .KeepSignatures(context_, {SignatureOf(batch, "first", now_)})
                  .ok());
  EXPECT_EQ(histories().ListUnsigned(context_, "a", 10)->size(), 1u);
  // As another replica would, a moment later.
  ASSERT_TRUE(histories()
                  .KeepSignatures(context_,
                                  {SignatureOf(batches->at(0), "second", now_),
                                   SignatureOf(batches->at(1), "other", now_)})
                  .ok());
  EXPECT_TRUE(histories().ListUnsigned(context_, "a", 10)->empty());
  int seen = 0;
  for (const char* serial : {"1", "2"}) {
    const auto records = HistoryOf(serial);
    ASSERT_EQ(records.size(), 1u);
    ASSERT_TRUE(records[0].signature.has_value());
    if (records[0].batch.batch_id == batch.batch_id) {
      ++seen;
      EXPECT_EQ(records[0].signature->signature, "first");
      EXPECT_EQ(records[0].signature->signing_key, "key");
      EXPECT_EQ(records[0].signature->signed_at, now_);
      EXPECT_THAT(records[0].signature->chain_der,
                  ::testing::ElementsAre("leaf", std::string(300, 'c')));
    }
  }
  EXPECT_EQ(seen, 1);
}

TEST_P(HistoryContract, ListsFromANumberAndNoMoreThanAsked) {
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  const DeviceKey key = {"a", "1", std::nullopt};
  for (const char* owner : {"q", "o", "q"}) {
    ASSERT_TRUE(devices().Assign(context_, "t", now_, {key}, owner)[0].ok());
  }
  const auto page = histories().ReadHistory(
      context_,
      {BucketOf("a", "1"), DeviceIdOf("a", "1", std::nullopt), false, 1, 2});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->front().entry.number, 1);
  EXPECT_EQ(page->back().entry.number, 2);
}

TEST_P(HistoryContract, ABatchIsInTheShardOfItsFirstDevice) {
  ImportOne(Owned(MakeDevice("a", "1"), "o"));
  EXPECT_EQ(BatchBucketOf(HistoryOf("1").at(0).batch.batch_id),
            BucketOf("a", "1"));
}

}  // namespace
}  // namespace masa::storage
