#include <thread>

#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

const ImportKey kKey = {"a", "file-1"};

// Devices numbered from `first`.
ImportChunk Chunk(int64_t sequence, int first, int count) {
  ImportChunk chunk;
  chunk.key = kKey;
  chunk.sequence = sequence;
  chunk.sha256 = std::string(32, 's');
  for (int i = first; i < first + count; ++i) {
    Device device;
    device.tenant_id = "a";
    device.serial_number = std::to_string(i);
    device.product_id = "p";
    chunk.devices.push_back(device);
  }
  return chunk;
}

TEST_P(ImportContract, ChunksAddUpWithOneEventEach) {
  ASSERT_TRUE(
      imports().BeginImport(context_, kKey, OnConflict::kFail, now_).ok());
  ImportChunk first = Chunk(1, 0, 1000);
  first.unreadable = 2;
  const auto one = imports().CommitChunk(context_, "t", now_, first);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->progress.created, 1000);
  EXPECT_EQ(one->outcomes.size(), 1000u);
  EXPECT_EQ(one->written.size(), 1000u);
  // Half of these are there already, one is of no product.
  ImportChunk second = Chunk(2, 999, 2);
  second.devices.push_back(second.devices[0]);
  second.devices[2].product_id = "none";
  const auto two = imports().CommitChunk(context_, "t", now_, second);
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_REASON(Reason::kDeviceExists, two->outcomes[0]);
  EXPECT_EQ(*two->outcomes[1], ImportOutcome::kCreated);
  EXPECT_REASON(Reason::kProductUnknown, two->outcomes[2]);
  const auto progress = imports().GetImport(context_, kKey);
  ASSERT_TRUE(progress.ok()) << progress.status();
  EXPECT_EQ(*progress, (ImportProgress{"file-1", OnConflict::kFail, 2, 1001, 0,
                                       0, 4, false}));
  EXPECT_EQ(CountEvents(kDevicesImported), 2);
  EXPECT_EQ(CountEvents(kDeviceImported), 0);
  EXPECT_TRUE(FindOne({{"a", "1000", std::nullopt}, ""}).ok());
}

TEST_P(ImportContract, SkipsOrUpdatesAsTheImportWasBegun) {
  ImportOne(MakeDevice("a", "0"));
  ASSERT_TRUE(
      imports().BeginImport(context_, kKey, OnConflict::kUpdate, now_).ok());
  ImportChunk chunk = Chunk(1, 0, 2);
  chunk.devices[0].model = "new";
  const auto committed = imports().CommitChunk(context_, "t", now_, chunk);
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(committed->progress.updated, 1);
  EXPECT_EQ(committed->progress.created, 1);
  EXPECT_EQ(FindOne({{"a", "0", std::nullopt}, ""})->device.model, "new");
  EXPECT_REASON(Reason::kRequestIdReused,
                imports().BeginImport(context_, kKey, OnConflict::kSkip, now_));
}

// Nothing twice, nothing left out.
TEST_P(ImportContract, OnlyTheNextChunkIsTaken) {
  ASSERT_TRUE(
      imports().BeginImport(context_, kKey, OnConflict::kSkip, now_).ok());
  ASSERT_TRUE(imports().CommitChunk(context_, "t", now_, Chunk(1, 0, 2)).ok());
  for (const int64_t sequence : {int64_t{0}, int64_t{1}, int64_t{3}}) {
    EXPECT_REASON(
        Reason::kImportOutOfOrder,
        imports().CommitChunk(context_, "t", now_, Chunk(sequence, 10, 2)));
  }
  EXPECT_REASON(Reason::kDeviceUnknown,
                FindOne({{"a", "10", std::nullopt}, ""}));
  EXPECT_REASON(Reason::kImportOutOfOrder,
                imports().CompleteImport(context_, kKey, 2, now_));
  const auto complete = imports().CompleteImport(context_, kKey, 1, now_);
  ASSERT_TRUE(complete.ok()) << complete.status();
  EXPECT_TRUE(complete->complete);
  EXPECT_TRUE(imports().CompleteImport(context_, kKey, 1, now_).ok());
  EXPECT_REASON(Reason::kImportOutOfOrder,
                imports().CommitChunk(context_, "t", now_, Chunk(2, 10, 2)));
  EXPECT_EQ(CountEvents(kDevicesImported), 1);
}

TEST_P(ImportContract, UnknownAndForeignImportsAreAlike) {
  ASSERT_TRUE(
      imports().BeginImport(context_, kKey, OnConflict::kFail, now_).ok());
  const ImportKey foreign = {"b", "file-1"};
  EXPECT_REASON(Reason::kImportUnknown, imports().GetImport(context_, foreign));
  ImportChunk chunk = Chunk(1, 0, 1);
  chunk.key = foreign;
  EXPECT_REASON(Reason::kImportUnknown,
                imports().CommitChunk(context_, "t", now_, chunk));
  EXPECT_REASON(Reason::kImportUnknown,
                imports().CompleteImport(context_, foreign, 0, now_));
}

TEST_P(ImportContract, RefusesIdsThatNoImportCanHave) {
  for (const std::string& id :
       {std::string(), std::string(129, 'x'), std::string("a\"b"),
        std::string("\xff"), std::string("\0", 1)}) {
    EXPECT_REASON(
        Reason::kInvalidArgument,
        imports().BeginImport(context_, {"a", id}, OnConflict::kFail, now_));
    EXPECT_REASON(Reason::kInvalidArgument,
                  imports().GetImport(context_, {"a", id}));
  }
}

// Two clients that both believe to be the one that goes on.
TEST_P(ImportContract, OfTwoSameChunksAtOnceOneIsTaken) {
  ASSERT_TRUE(
      imports().BeginImport(context_, kKey, OnConflict::kFail, now_).ok());
  for (int64_t sequence = 1; sequence <= 10; ++sequence) {
    bool taken[2] = {false, false};
    const auto commit = [&](int side) {
      taken[side] = imports()
                        .CommitChunk(context_, "t", now_,
                                     Chunk(sequence, 10 * sequence, 5))
                        .ok();
    };
    std::thread other([&] { commit(0); });
    commit(1);
    other.join();
    EXPECT_EQ(taken[0] + taken[1], 1);
  }
  EXPECT_EQ(imports().GetImport(context_, kKey)->created, 50);
}

}  // namespace
}  // namespace masa::storage
