#include "services/telemetry/status_metrics.h"

namespace masa::telemetry {

StatusMetrics::StatusMetrics(prometheus::Registry& registry) {
  auto& responses =
      prometheus::BuildCounter()
          .Name("masa_ocsp_responses_signed_ahead_total")
          .Help("OCSP responses that were to be signed ahead, by outcome")
          .Register(registry);
  signed_ = &responses.Add({{"outcome", "signed"}});
  failed_ = &responses.Add({{"outcome", "failed"}});
}

}  // namespace masa::telemetry
