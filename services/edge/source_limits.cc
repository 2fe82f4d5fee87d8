#include "services/edge/source_limits.h"

#include <algorithm>

#include "services/edge/source_places.h"

namespace masa::edge {
namespace {

constexpr absl::Duration kSweepPause = absl::Seconds(1);

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
  const bool may_sweep = now - swept_ >= kSweepPause || now < swept_;
  if (empty_at_.size() >= most_sources_ && may_sweep) {
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
  const std::string key = SourceKeyOf(source);
  absl::MutexLock lock(&mutex_);
  absl::Time& empty_at = PlaceOf(key, now);
  // Never further ahead, but where the clock has stepped back.
  empty_at = std::min(empty_at, now + at_once_);
  const absl::Time then = std::max(empty_at, now) + step_;
  if (then - now > at_once_) {
    return then - now - at_once_;
  }
  empty_at = then;
  return absl::ZeroDuration();
}

}  // namespace masa::edge
