#include "load-tests/hammer/histogram.h"

#include <algorithm>
#include <cmath>

#include "absl/numeric/bits.h"

namespace masa::hammer {
namespace {

// Below 2^kBits microseconds a bucket is one; each doubling above has half as
// many buckets as that.
constexpr int kBits = 7;
constexpr int64_t kHalf = int64_t{1} << (kBits - 1);
constexpr int kDoublings = 30 - kBits;
constexpr size_t kBuckets = 2 * kHalf + kDoublings * kHalf;

size_t BucketOf(int64_t micros) {
  const auto value = static_cast<uint64_t>(std::max<int64_t>(micros, 0));
  const int shift =
      std::max(0, static_cast<int>(absl::bit_width(value)) - kBits);
  const size_t bucket = shift * kHalf + (value >> shift);
  return std::min(bucket, kBuckets - 1);
}

// The largest value of the bucket.
int64_t EndOf(size_t bucket) {
  if (bucket < 2 * kHalf) {
    return static_cast<int64_t>(bucket);
  }
  const int64_t shift = static_cast<int64_t>(bucket) / kHalf - 1;
  const int64_t within = static_cast<int64_t>(bucket) - shift * kHalf;
  return ((within + 1) << shift) - 1;
}

}  // namespace

void Histogram::Record(absl::Duration latency) {
  if (buckets_.empty()) {
    buckets_.resize(kBuckets);
  }
  ++buckets_[BucketOf(absl::ToInt64Microseconds(latency))];
  ++count_;
  max_ = std::max(max_, latency);
}

void Histogram::Add(const Histogram& other) {
  if (other.buckets_.empty()) {
    return;
  }
  buckets_.resize(kBuckets);
  for (size_t i = 0; i < kBuckets; ++i) {
    buckets_[i] += other.buckets_[i];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

absl::Duration Histogram::Quantile(double q) const {
  const auto rank = std::max<int64_t>(
      1, static_cast<int64_t>(std::ceil(q * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) {
      return std::min(max_, absl::Microseconds(EndOf(i)));
    }
  }
  return max_;
}

}  // namespace masa::hammer
