// The order of the feed is that of commits: a transaction that took its number
// first and commits last holds up those behind it, and nobody else.
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "storage/audit_kinds.h"
#include "storage/contract/shared_server.h"
#include "storage/contract/store_contract.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_device_registry.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_feed_store.h"
#include "storage/postgres/test_catalog.h"

namespace masa::storage {
namespace {

class FeedCommits : public ::testing::Test {
 protected:
  FeedCommits() : pool_({.url = SharedServer().Url(PostgresServer::kService)}) {
    BeginWith(&pool_, OneProduct());
  }

  // A new device whose batches are in this lane; its serial number.
  std::string NewDevice(int lane) {
    Device device;
    device.tenant_id = "a";
    device.product_id = "p";
    do {
      device.serial_number = std::to_string(next_++);
    } while (BucketOf("a", device.serial_number) / kBucketsOfALane != lane);
    EXPECT_TRUE(
        devices_
            ->Import({}, "t", absl::UnixEpoch(), {device}, OnConflict::kFail)[0]
            .ok());
    return device.serial_number;
  }

  // A change that is remembered by `request_id`, after all else was written.
  absl::Status Edit(const std::string& serial, const std::string& request_id) {
    DeviceEdit edit{{"a", serial, {}}, false, kDeviceUpdated, [](Device d) {
                      d.model += "x";
                      return absl::StatusOr<Device>(d);
                    }};
    edit.once = {{"a", "t", request_id}, std::string(32, 'd')};
    return registry_->Edit({}, "t", absl::UnixEpoch(), edit).status();
  }

  void Block(const std::string& serial) {
    EXPECT_TRUE(devices_
                    ->SetBlocked({}, "t", absl::UnixEpoch(),
                                 {{"a", serial, std::nullopt}}, true)[0]
                    .ok());
  }

  // Until so many sessions wait for another one's transaction.
  void WaitUntilBlocked(int sessions) {
    pqxx::connection connection(SharedServer().Url(PostgresServer::kService));
    pqxx::nontransaction look(connection);
    while (look.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
               .as<int>() < sessions) {
      std::this_thread::yield();
    }
  }

  // The serial numbers of what is behind `place_`, which moves on.
  std::vector<std::string> Read() {
    std::vector<std::string> serials;
    const auto batches = feed_->ReadAfter({}, {"a", place_, 0, 64});
    EXPECT_TRUE(batches.ok()) << batches.status();
    for (const FeedBatch& batch : *batches) {
      EXPECT_EQ(batch.position, ++place_[batch.lane]);
      serials.push_back(batch.changes.front().serial_number);
    }
    return serials;
  }

  ConnectionPool pool_;
  std::unique_ptr<PostgresDeviceStore> devices_ =
      PostgresDeviceStore::New(&pool_);
  std::unique_ptr<PostgresDeviceRegistry> registry_ =
      PostgresDeviceRegistry::New(&pool_);
  std::unique_ptr<PostgresFeedStore> feed_ = PostgresFeedStore::New(&pool_);
  FeedCursor place_ = {};
  int next_ = 0;
};

TEST_F(FeedCommits, WhatCommitsLateIsNotSkipped) {
  for (const bool rolls_back : {false, true}) {
    const std::string late = NewDevice(7);
    const std::string behind = NewDevice(7);
    const std::string elsewhere = NewDevice(8);
    Read();
    // The late one stops at its last statement, the number in its hands.
    pqxx::connection connection(SharedServer().Url(PostgresServer::kService));
    pqxx::work other(connection);
    const std::string id = rolls_back ? "rolls-back" : "commits";
    other.exec_params(
        "INSERT INTO request_results (tenant_id, actor, request_id, digest, "
        "result, at) VALUES ('a', 't', $1, sha256(''), '', now())",
        id);
    absl::Status edited;
    std::thread first([&] { edited = Edit(late, id); });
    WaitUntilBlocked(1);
    Block(elsewhere);
    EXPECT_EQ(Read(), std::vector<std::string>{elsewhere})
        << "other lanes are not held up";
    std::thread second([&] { Block(behind); });
    WaitUntilBlocked(2);
    EXPECT_TRUE(Read().empty()) << "nobody is seen before the late one";
    rolls_back ? other.commit() : other.abort();
    first.join();
    second.join();
    EXPECT_EQ(edited.ok(), !rolls_back) << edited;
    const auto expected = rolls_back ? std::vector<std::string>{behind}
                                     : std::vector<std::string>{late, behind};
    EXPECT_EQ(Read(), expected);
  }
}

TEST_F(FeedCommits, ManyWritersLeaveNoGapAndNobodyOut) {
  constexpr int kWriters = 4;
  constexpr int kChanges = 25;
  std::vector<std::string> serials;
  for (int i = 0; i < kWriters; ++i) {
    serials.push_back(NewDevice(3));
  }
  Read();
  std::vector<std::thread> writers;
  for (const std::string& serial : serials) {
    writers.emplace_back([this, serial] {
      for (int i = 0; i < kChanges; ++i) {
        EXPECT_TRUE(Edit(serial, serial + "-" + std::to_string(i)).ok());
      }
    });
  }
  size_t seen = 0;
  while (seen < kWriters * kChanges) {
    seen += Read().size();
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(seen, static_cast<size_t>(kWriters * kChanges));
  EXPECT_TRUE(Read().empty());
}

}  // namespace
}  // namespace masa::storage
