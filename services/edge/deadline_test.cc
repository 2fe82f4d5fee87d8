#include "services/edge/deadline.h"

#include <memory>

#include "gtest/gtest.h"

namespace masa::edge {
namespace {

struct Owner {
  explicit Owner(boost::asio::io_context& loop)
      : deadline(loop.get_executor(), [this] { ++passed; }) {}
  int passed = 0;
  Deadline deadline;
};

TEST(Deadline, PassesOnceWhereverItWasMovedFrom) {
  const struct {
    const char* name;
    absl::Duration first, then;
  } kCases[] = {
      {"onwards", absl::Milliseconds(1), absl::Milliseconds(20)},
      {"back", absl::Hours(1), absl::Milliseconds(20)},
      {"from never", absl::InfiniteDuration(), absl::Milliseconds(20)},
      {"the same", absl::Milliseconds(20), absl::Milliseconds(20)},
  };
  for (const auto& c : kCases) {
    boost::asio::io_context loop;
    const auto owner = std::make_shared<Owner>(loop);
    owner->deadline.Set(c.first, owner);
    const auto start = std::chrono::steady_clock::now();
    owner->deadline.Set(c.then, owner);
    loop.run();  // until no timer is left
    EXPECT_EQ(owner->passed, 1) << c.name;
    EXPECT_GE(std::chrono::steady_clock::now() - start,
              absl::ToChronoNanoseconds(c.then))
        << c.name;
  }
}

TEST(Deadline, NeverPassesWhereSetToNever) {
  boost::asio::io_context loop;
  const auto owner = std::make_shared<Owner>(loop);
  owner->deadline.Set(absl::Milliseconds(1), owner);
  owner->deadline.Set(absl::InfiniteDuration(), owner);
  loop.run();
  EXPECT_EQ(owner->passed, 0);
  owner->deadline.Set(absl::Milliseconds(1), owner);
  loop.restart();
  loop.run();
  EXPECT_EQ(owner->passed, 1);
}

TEST(Deadline, CallsNothingOnceItsOwnerIsGone) {
  boost::asio::io_context loop;
  auto owner = std::make_shared<Owner>(loop);
  owner->deadline.Set(absl::Milliseconds(1), owner);
  owner.reset();
  loop.run();  // the sanitizers would see a call
}

}  // namespace
}  // namespace masa::edge
