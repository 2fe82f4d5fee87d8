#include "services/issuance/feed_tail.h"

#include <memory>

#include "gtest/gtest.h"

namespace masa::issuance {
namespace {

SharedBatch Batch(int lane, int64_t position, size_t changes = 1) {
  auto batch = std::make_shared<storage::FeedBatch>();
  batch->lane = lane;
  batch->position = position;
  batch->changes.resize(changes);
  return batch;
}

TEST(FeedTail, GivesWhatIsBehindAPlace) {
  storage::FeedCursor begin = {};
  begin[1] = 5;
  FeedTail tail(begin);
  tail.Add(Batch(0, 1));
  tail.Add(Batch(1, 6));
  tail.Add(Batch(0, 2));
  EXPECT_EQ(tail.end()[0], 2);
  EXPECT_EQ(tail.end()[1], 6);
  EXPECT_EQ(tail.After(begin, 100).size(), 3u);
  storage::FeedCursor place = begin;
  place[0] = 1;
  const auto rest = tail.After(place, 100);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0]->lane, 1);
  EXPECT_EQ(rest[1]->position, 2);
  EXPECT_EQ(tail.After(begin, 2).size(), 2u) << "enough";
  EXPECT_TRUE(tail.After(tail.end(), 100).empty());
}

TEST(FeedTail, CoversWhatBeginsNoEarlierInAnyLane) {
  storage::FeedCursor begin = {};
  begin[1] = 5;
  const FeedTail tail(begin);
  EXPECT_TRUE(tail.Covers(begin));
  storage::FeedCursor place = begin;
  place[1] = 4;
  EXPECT_FALSE(tail.Covers(place));
  place[0] = 9;
  EXPECT_FALSE(tail.Covers(place)) << "one lane does not make up for another";
}

TEST(FeedTail, ForgetsTheOldestAndSaysSo) {
  FeedTail tail({}, 10);
  tail.Add(Batch(0, 1, 6));
  tail.Add(Batch(1, 1, 4));
  EXPECT_TRUE(tail.Covers({}));
  tail.Add(Batch(2, 1, 1));
  EXPECT_FALSE(tail.Covers({}));
  storage::FeedCursor place = {};
  place[0] = 1;
  EXPECT_TRUE(tail.Covers(place));
  EXPECT_EQ(tail.After(place, 100).size(), 2u);
  tail.Add(Batch(3, 1, 1000));
  EXPECT_EQ(tail.After(tail.end(), 5000).size(), 0u);
  place = tail.end();
  place[3] = 0;
  EXPECT_TRUE(tail.Covers(place)) << "the newest stays, whatever its size";
  EXPECT_EQ(tail.After(place, 1).size(), 1u);
}

}  // namespace
}  // namespace masa::issuance
