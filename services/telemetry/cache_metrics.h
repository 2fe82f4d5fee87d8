// What caches were asked, as series.
#ifndef SERVICES_TELEMETRY_CACHE_METRICS_H_
#define SERVICES_TELEMETRY_CACHE_METRICS_H_

#include <map>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/observe/cache_counts.h"

namespace masa::telemetry {

class CacheMetrics {
 public:
  // Series masa_cache_requests_total{cache,outcome} with outcome hit and miss,
  // for each cache of `caches`, by its name. The counts and `registry` outlive
  // this.
  CacheMetrics(prometheus::Registry& registry,
               const std::map<std::string, const CacheCounts*>& caches);

  // Reads the counts anew: before each scrape, by one thread at a time.
  void Update();

 private:
  struct Series {
    const CacheCounts& counts;
    prometheus::Counter &hits, &misses;
  };

  std::vector<Series> series_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_CACHE_METRICS_H_
