// How often a cache was asked, and had the answer. The cache counts; whoever
// has metrics reads. Thread-safe, and never blocks.
#ifndef SERVICES_OBSERVE_CACHE_COUNTS_H_
#define SERVICES_OBSERVE_CACHE_COUNTS_H_

#include <atomic>
#include <cstdint>

namespace masa {

class CacheCounts {
 public:
  // The cache was asked: it had the answer, or had not.
  void Asked(bool hit) {
    (hit ? hits_ : misses_).fetch_add(1, std::memory_order_relaxed);
  }

  // Since the start. They only grow.
  int64_t hits() const { return hits_.load(std::memory_order_relaxed); }
  int64_t misses() const { return misses_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> hits_{0};
  std::atomic<int64_t> misses_{0};
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_CACHE_COUNTS_H_
