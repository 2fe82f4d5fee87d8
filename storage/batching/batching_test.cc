#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/batching/batching_issuance_log.h"
#include "storage/batching/gatherer.h"

namespace masa::storage {
namespace {

using Numbers = std::vector<absl::StatusOr<int>>;

TEST(Gatherer, GathersWhatArrivesWhileABatchIsInFlight) {
  absl::Notification first_is_in, release;
  std::atomic<int> batches{0};
  std::atomic<size_t> largest{0};
  Gatherer<int, int> gatherer(
      {256, 4096, 1}, [&](const RequestContext&, const auto& items) {
        if (batches.fetch_add(1) == 0) {
          first_is_in.Notify();
          release.WaitForNotification();
        }
        largest = std::max(largest.load(), items.size());
        Numbers answers;
        for (const int item : items) {
          answers.push_back(item * 2);
        }
        return answers;
      });
  std::thread first([&] { EXPECT_EQ(*gatherer.Run({}, {1})[0], 2); });
  first_is_in.WaitForNotification();
  std::atomic<int> started{0};
  std::vector<std::thread> others;
  for (int i = 0; i < 8; ++i) {
    others.emplace_back([&, i] {
      ++started;
      EXPECT_EQ(*gatherer.Run({}, {i, i + 100})[1], (i + 100) * 2);
    });
  }
  while (started < 8) {
    std::this_thread::yield();
  }
  release.Notify();
  first.join();
  for (std::thread& other : others) {
    other.join();
  }
  EXPECT_GE(largest.load(), 2u);
  EXPECT_LE(batches.load(), 9);
}

// A batch that hangs holds up nobody for long.
TEST(Gatherer, GoesRoundABatchThatHangs) {
  absl::Notification in, release;
  std::atomic<int> batches{0};
  Gatherer<int, int> gatherer({},
                              [&](const RequestContext&, const auto& items) {
                                if (batches.fetch_add(1) == 0) {
                                  in.Notify();
                                  release.WaitForNotification();
                                }
                                return Numbers(items.size(), 7);
                              });
  std::thread first([&] { EXPECT_EQ(*gatherer.Run({}, {1})[0], 7); });
  in.WaitForNotification();
  EXPECT_EQ(*gatherer.Run({}, {2})[0], 7);
  release.Notify();
  first.join();
  EXPECT_EQ(batches.load(), 2);
}

// Few do not get a statement of their own beside one in flight; many do.
TEST(Gatherer, BeginsASecondBatchWhenItIsWorthwhile) {
  absl::Notification in, release, second;
  std::atomic<int> batches{0};
  GathererOptions options;
  options.worthwhile = 4;
  options.patience = std::chrono::hours(1);
  Gatherer<int, int> gatherer(options,
                              [&](const RequestContext&, const auto& items) {
                                if (batches.fetch_add(1) == 0) {
                                  in.Notify();
                                  release.WaitForNotification();
                                } else {
                                  EXPECT_EQ(items.size(), 4u);
                                  second.Notify();
                                }
                                return Numbers(items.size(), 7);
                              });
  std::thread first([&] { gatherer.Run({}, {1}); });
  in.WaitForNotification();
  std::thread few([&] { gatherer.Run({}, {2}); });
  std::thread many([&] { gatherer.Run({}, {3, 4, 5}); });
  second.WaitForNotification();
  release.Notify();
  first.join();
  few.join();
  many.join();
}

// A batch may take as long as the most patient of its callers.
TEST(Gatherer, ABatchHasItsLatestDeadline) {
  absl::Notification in, release;
  const absl::Time early = absl::FromUnixSeconds(1'900'000'000);
  const absl::Time late = early + absl::Seconds(1);
  std::atomic<int> batches{0};
  GathererOptions options;
  options.worthwhile = 2;
  options.patience = std::chrono::hours(1);
  Gatherer<int, int> gatherer(
      options, [&](const RequestContext& context, const auto& items) {
        if (batches.fetch_add(1) == 0) {
          in.Notify();
          release.WaitForNotification();
          EXPECT_EQ(context.deadline, early);
        } else {
          EXPECT_EQ(context.deadline, late);
        }
        return Numbers(items.size(), 7);
      });
  RequestContext hurried, patient;
  hurried.deadline = early;
  patient.deadline = late;
  std::thread first([&] { gatherer.Run(hurried, {1}); });
  in.WaitForNotification();
  std::thread second([&] { gatherer.Run(patient, {2}); });
  gatherer.Run(hurried, {3});
  release.Notify();
  first.join();
  second.join();
  EXPECT_EQ(batches.load(), 2);
}

// OP-15: a burst is told at once to come again, instead of waiting in vain.
TEST(Gatherer, RefusesWhenTooManyWait) {
  absl::Notification in, release;
  Gatherer<int, int> gatherer({1, 2, 1},
                              [&](const RequestContext&, const auto& items) {
                                if (!in.HasBeenNotified()) {
                                  in.Notify();
                                  release.WaitForNotification();
                                }
                                return Numbers(items.size(), 0);
                              });
  std::thread first([&] { EXPECT_TRUE(gatherer.Run({}, {1})[0].ok()); });
  in.WaitForNotification();
  const Numbers refused = gatherer.Run({}, {1, 2, 3});
  EXPECT_EQ(refused.size(), 3u);
  EXPECT_EQ(ReasonOf(refused[0].status()), Reason::kOverloaded);
  release.Notify();
  first.join();
  EXPECT_TRUE(gatherer.Run({}, {}).empty());
}

// Fails the vouchers of one device, and remembers its batches.
class PickyLog final : public IssuanceLog {
 public:
  std::vector<absl::StatusOr<Committed>> Commit(
      const RequestContext& context,
      std::vector<IssuedVoucher> vouchers) override {
    std::vector<absl::StatusOr<Committed>> answers;
    for (const IssuedVoucher& voucher : vouchers) {
      if (voucher.device_id == "bad") {
        answers.push_back(Refuse(Reason::kStoreConflict, "bad row"));
      } else {
        answers.push_back(Committed{voucher, false});
      }
    }
    return answers;
  }
  absl::StatusOr<std::vector<IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override {
    return std::vector<IssuedVoucher>(limit);
  }
  absl::StatusOr<std::vector<IssuedVoucher>> ReadForRules(
      const RequestContext& context, const RulesQuestion& question) override {
    return std::vector<IssuedVoucher>(question.chain_spki_sha256.size());
  }
  absl::StatusOr<IssuanceSummary> Summarize(const RequestContext& context,
                                            int16_t bucket,
                                            const std::string& device_id,
                                            int limit) override {
    IssuanceSummary summary;
    summary.unlisted = limit;
    return summary;
  }
};

TEST(BatchingIssuanceLog, EachVoucherHasItsOwnOutcome) {
  PickyLog log;
  BatchingIssuanceLog batching(log);
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&batching, i] {
      IssuedVoucher voucher;
      voucher.device_id = i % 4 == 0 ? "bad" : "good";
      voucher.voucher_id = std::to_string(i);
      const auto committed = batching.Commit({}, {voucher});
      ASSERT_EQ(committed.size(), 1u);
      EXPECT_EQ(committed[0].ok(), i % 4 != 0);
      if (committed[0].ok()) {
        EXPECT_EQ(committed[0]->voucher.voucher_id, std::to_string(i));
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(batching.ListForDevice({}, 0, "d", 3)->size(), 3u);
  EXPECT_EQ(batching.ReadForRules({}, {0, "d", {"r", "c"}})->size(), 2u);
  EXPECT_EQ(batching.Summarize({}, 0, "d", 5)->unlisted, 5u);
}

}  // namespace
}  // namespace masa::storage
