#include "services/edge/source_places.h"

#include <vector>

#include "gtest/gtest.h"

namespace masa::edge {
namespace {

boost::asio::ip::address Address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

TEST(SourcePlaces, ASourceHasItsShareUntilItGivesBack) {
  SourcePlaces places(2);
  std::vector<SourcePlaces::Place> held;
  for (int i = 0; i < 2; ++i) {
    auto place = places.Take(Address("192.0.2.1"));
    ASSERT_TRUE(place.has_value());
    held.push_back(*std::move(place));
  }
  EXPECT_FALSE(places.Take(Address("192.0.2.1")).has_value());
  EXPECT_FALSE(places.Take(Address("::ffff:192.0.2.1")).has_value());
  EXPECT_TRUE(places.Take(Address("192.0.2.2")).has_value());
  held.pop_back();
  EXPECT_TRUE(places.Take(Address("192.0.2.1")).has_value());
}

TEST(SourcePlaces, ANetworkOfSixIsOneSource) {
  SourcePlaces places(1);
  const auto held = places.Take(Address("2001:db8::1"));
  EXPECT_FALSE(places.Take(Address("2001:db8::ffff:0:2")).has_value());
  EXPECT_TRUE(places.Take(Address("2001:db8:0:1::1")).has_value());
}

TEST(SourcePlaces, NoLimitUnlessAsked) {
  SourcePlaces places(0);
  std::vector<SourcePlaces::Place> held;
  for (int i = 0; i < 1000; ++i) {
    auto place = places.Take(Address("192.0.2.1"));
    ASSERT_TRUE(place.has_value());
    held.push_back(*std::move(place));
  }
}

}  // namespace
}  // namespace masa::edge
