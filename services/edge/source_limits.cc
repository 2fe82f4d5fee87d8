#include "services/edge/source_limits.h"

#include <algorithm>

namespace masa::edge {
namespace {

constexpr absl::Duration kSweepPause = absl::Seconds(1);
constexpr size_t kNetworkOctets = 8;  // of an IPv6 address

template <typename Octets>
std::string TextOf(const Octets& octets, size_t count) {
  return std::string(octets.begin(), octets.begin() + count);
}

std::string KeyOf(const boost::asio::ip::address& source) {
  if (source.is_v4()) {
    const auto octets = source.to_v4().to_bytes();
    return TextOf(octets, octets.size());
  }
  if (source.to_v6().is_v4_mapped()) {
    return KeyOf(boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                                  source.to_v6()));
  }
  return TextOf(source.to_v6().to_bytes(), kNetworkOctets);
}

}  // namespace

SourceLimits::SourceLimits(SourceRate rate, size_t most_sources)
    : step_(rate.requests == 0 ? absl::ZeroDuration()
                               : absl::Minutes(1) / rate.requests),
      at_once_(step_ * std::max<uint32_t>(rate.burst, 1)),
      most_sources_(most_sources) {}

absl::Time& SourceLimits::PlaceOf(const std::string& source, absl::Time now) {
  const auto known = empty_at_.find(source);
  if (known != empty_at_.end()) {
    return known->second;
  }
  if (empty_at_.size() >= most_sources_ && now - swept_ >= kSweepPause) {
    swept_ = now;
    for (auto at = empty_at_.begin(); at != empty_at_.end();) {
      at = at->second <= now ? empty_at_.erase(at) : std::next(at);
    }
  }
  return empty_at_.size() < most_sources_
             ? empty_at_.emplace(source, absl::InfinitePast()).first->second
             : shared_;
}

absl::Duration SourceLimits::Take(const boost::asio::ip::address& source,
                                  absl::Time now) {
  if (step_ == absl::ZeroDuration()) {
    return absl::ZeroDuration();
  }
  const std::string key = KeyOf(source);
  absl::MutexLock lock(&mutex_);
  absl::Time& empty_at = PlaceOf(key, now);
  const absl::Time then = std::max(empty_at, now) + step_;
  if (then - now > at_once_) {
    return then - now - at_once_;
  }
  empty_at = then;
  return absl::ZeroDuration();
}

}  // namespace masa::edge
