// Whether callers repeat orders just now. To look for an earlier voucher of
// each order takes the database a third of what finding its device takes, and
// the commit tells a repeat as well: only what was signed for it is then thrown
// away (services/adr/0055).
#ifndef SERVICES_ISSUANCE_REPEAT_WATCH_H_
#define SERVICES_ISSUANCE_REPEAT_WATCH_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace masa::issuance {

// Thread-safe; lock-free.
class RepeatWatch {
 public:
  void Saw(absl::Time now) {
    last_micros_.store(absl::ToUnixMicros(now), std::memory_order_relaxed);
  }
  // Whether one was seen within a minute of `now`, whichever came first: a
  // clock may be set back.
  bool AreLikely(absl::Time now) const {
    const absl::Time last =
        absl::FromUnixMicros(last_micros_.load(std::memory_order_relaxed));
    return absl::AbsDuration(now - last) <= absl::Minutes(1);
  }

 private:
  std::atomic<int64_t> last_micros_{0};
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REPEAT_WATCH_H_
