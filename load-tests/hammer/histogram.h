// Latencies in buckets whose width grows with the value (as in an HDR
// histogram): from a microsecond to a quarter of an hour, within 1 %. Not
// thread-safe.
#ifndef LOAD_TESTS_HAMMER_HISTOGRAM_H_
#define LOAD_TESTS_HAMMER_HISTOGRAM_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace masa::hammer {

class Histogram {
 public:
  void Record(absl::Duration latency);
  void Add(const Histogram& other);

  int64_t count() const { return count_; }
  absl::Duration max() const { return max_; }
  // The upper end of the bucket that holds the value which a share `q` of all
  // does not exceed; zero when there is none.
  absl::Duration Quantile(double q) const;

 private:
  // Empty until something is recorded, since most seconds of most works are.
  std::vector<int64_t> buckets_;
  int64_t count_ = 0;
  absl::Duration max_;
};

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_HISTOGRAM_H_
