#include "services/telemetry/cache_metrics.h"

#include <string>

#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace masa::telemetry {
namespace {

bool Says(prometheus::Registry& registry, const std::string& line) {
  const std::string text =
      prometheus::TextSerializer().Serialize(registry.Collect());
  return text.find("\nmasa_cache_requests_total" + line + "\n") !=
         std::string::npos;
}

TEST(CacheMetrics, SayWhatWasAskedSinceTheStart) {
  prometheus::Registry registry;
  CacheCounts chains, policies;
  CacheMetrics metrics(registry,
                       {{"chains", &chains}, {"policies", &policies}});
  EXPECT_TRUE(Says(registry, "{cache=\"chains\",outcome=\"hit\"} 0"));
  chains.Asked(true);
  chains.Asked(true);
  chains.Asked(false);
  metrics.Update();
  chains.Asked(true);
  metrics.Update();
  metrics.Update();
  for (const char* line : {"{cache=\"chains\",outcome=\"hit\"} 3",
                           "{cache=\"chains\",outcome=\"miss\"} 1",
                           "{cache=\"policies\",outcome=\"hit\"} 0",
                           "{cache=\"policies\",outcome=\"miss\"} 0"}) {
    EXPECT_TRUE(Says(registry, line)) << line;
  }
}

}  // namespace
}  // namespace masa::telemetry
