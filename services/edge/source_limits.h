// How often one source address may ask (SE-01). Kept by each edge process for
// itself: a flood is stopped where it arrives.
#ifndef SERVICES_EDGE_SOURCE_LIMITS_H_
#define SERVICES_EDGE_SOURCE_LIMITS_H_

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace masa::edge {

// `requests` of zero: no limit.
struct SourceRate {
  uint32_t requests = 0;  // a minute, on average
  uint32_t burst = 0;     // at once after a silence; at least one is allowed
};

// Thread-safe. Holds a bounded number of sources; those beyond share one
// allowance, so that a flood from many addresses costs no memory.
class SourceLimits {
 public:
  explicit SourceLimits(SourceRate rate, size_t most_sources = 65'536);

  // Zero when `source` may ask now, and then it has. Else how long until it
  // may; not longer because the clock steps. An IPv6 source is its /64.
  absl::Duration Take(const boost::asio::ip::address& source, absl::Time now);

 private:
  absl::Time& PlaceOf(const std::string& source, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration step_;     // between requests
  const absl::Duration at_once_;  // how far ahead of its time a source may be
  const size_t most_sources_;
  absl::Mutex mutex_;
  // When each has used up nothing: a leaky bucket as one time.
  std::map<std::string, absl::Time> empty_at_ ABSL_GUARDED_BY(mutex_);
  absl::Time shared_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time swept_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_SOURCE_LIMITS_H_
