#include "services/issuance/fresh_log.h"

#include "gtest/gtest.h"

namespace masa::issuance {
namespace {

std::string Commitment(uint64_t number) {
  std::string octets(32, '\0');
  for (int i = 0; i < 8; ++i) {
    octets[i] = static_cast<char>(number >> (8 * i));
  }
  return octets;
}

// Entries `from` to `to`, each with its number as commitment, and the tile of
// the leaves that the last of them is in.
storage::LogAppend Append(uint64_t from, uint64_t to) {
  storage::LogAppend append;
  append.from = from;
  append.after.size = to;
  storage::OutboxRow row;
  std::string tile;
  for (uint64_t i = from; i < to; ++i) {
    storage::LogEntry entry;
    entry.commitment = Commitment(i);
    row.entries.push_back(entry);
  }
  append.rows = {row};
  append.tiles = {{{0, (to - 1) / 256}, "tile of " + std::to_string(to)}};
  return append;
}

TEST(FreshLog, HasWhatWasAdded) {
  FreshLog fresh;
  fresh.Add(Append(1000, 1010));
  fresh.Add(Append(1010, 1030));
  EXPECT_EQ(fresh.Commitments(1009, 2), Commitment(1009) + Commitment(1010));
  EXPECT_EQ(fresh.Commitments(1000, 30)->size(), 30u * 32);
  EXPECT_EQ(fresh.Commitments(999, 2), std::nullopt);
  EXPECT_EQ(fresh.Commitments(1029, 2), std::nullopt);
  EXPECT_EQ(fresh.TileOf({0, 4}), "tile of 1030");
  EXPECT_EQ(fresh.TileOf({0, 3}), "tile of 1010");
  EXPECT_EQ(fresh.TileOf({0, 5}), std::nullopt);
}

TEST(FreshLog, KeepsTheBundleThatTheMirrorEndsIn) {
  FreshLog fresh;
  fresh.Add(Append(0, 256));
  fresh.Add(Append(256, 600));
  fresh.Forget(600);
  EXPECT_EQ(fresh.Commitments(511, 1), std::nullopt);
  EXPECT_EQ(fresh.Commitments(512, 88)->size(), 88u * 32);
  EXPECT_EQ(fresh.TileOf({0, 0}), std::nullopt);
  EXPECT_EQ(fresh.TileOf({0, 2}), "tile of 600");
}

TEST(FreshLog, BeginsAnewAfterAGap) {
  FreshLog fresh;
  fresh.Add(Append(0, 10));
  fresh.Add(Append(20, 30));
  EXPECT_EQ(fresh.Commitments(0, 1), std::nullopt);
  EXPECT_EQ(fresh.Commitments(20, 1), Commitment(20));
}

TEST(FreshLog, HoldsSoMuchAndNoMore) {
  FreshLog fresh;
  fresh.Add(Append(0, 20'000));
  fresh.Add(Append(20'000, 40'000));
  EXPECT_EQ(fresh.Commitments(0, 1), std::nullopt);
  EXPECT_EQ(fresh.Commitments(39'999, 1), Commitment(39'999));
  fresh.Add(Append(40'000, 100'000));
  EXPECT_EQ(fresh.Commitments(99'999, 1), std::nullopt);
  EXPECT_EQ(fresh.TileOf({0, 390}), std::nullopt);
  fresh.Add(Append(100'000, 100'001));
  EXPECT_EQ(fresh.Commitments(100'000, 1), Commitment(100'000));
}

}  // namespace
}  // namespace masa::issuance
