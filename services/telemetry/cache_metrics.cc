#include "services/telemetry/cache_metrics.h"

namespace masa::telemetry {
namespace {

void Raise(prometheus::Counter& counter, int64_t value) {
  counter.Increment(static_cast<double>(value) - counter.Value());
}

}  // namespace

CacheMetrics::CacheMetrics(
    prometheus::Registry& registry,
    const std::map<std::string, const CacheCounts*>& caches) {
  auto& family =
      prometheus::BuildCounter()
          .Name("masa_cache_requests_total")
          .Help("Questions to caches, by whether they had the answer")
          .Register(registry);
  for (const auto& [name, counts] : caches) {
    series_.push_back({*counts,
                       family.Add({{"cache", name}, {"outcome", "hit"}}),
                       family.Add({{"cache", name}, {"outcome", "miss"}})});
  }
}

void CacheMetrics::Update() {
  for (const Series& one : series_) {
    Raise(one.hits, one.counts.hits());
    Raise(one.misses, one.counts.misses());
  }
}

}  // namespace masa::telemetry
