// What the HTTPS face tells about itself, as metrics and log lines. Series are
// made at start; labels are a closed set. Thread-safe.
#ifndef SERVICES_TELEMETRY_OBSERVED_EDGE_H_
#define SERVICES_TELEMETRY_OBSERVED_EDGE_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/observe/edge_events.h"
#include "services/status/reason.h"

namespace masa::telemetry {

class ObservedEdge final : public EdgeEvents {
 public:
  // Of an edge with `loops` event loops. `registry` outlives this.
  ObservedEdge(prometheus::Registry& registry, int loops);

  // Counts by route and class of status, and what was turned away by the limit;
  // writes one line with the request id.
  void RequestFinished(const EdgeRequest& request) override;
  void ConnectionOpened() override { connections_->Increment(); }
  void ConnectionClosed() override { connections_->Decrement(); }
  void ConnectionRefused() override { refused_->Increment(); }
  void HandshakeFailed(const std::string& why) override;
  void LoopRan(size_t loop, absl::Duration lag) override;

 private:
  void AddLimits(prometheus::Registry& registry);
  void AddLags(prometheus::Registry& registry, int loops);

  std::map<std::pair<std::string, int>, prometheus::Counter*> requests_;
  std::map<std::string, prometheus::Histogram*> seconds_;
  std::map<Reason, prometheus::Counter*> turned_away_;
  prometheus::Gauge* connections_;
  prometheus::Counter* refused_;
  prometheus::Counter* handshakes_failed_;
  std::vector<prometheus::Histogram*> lags_;  // by loop
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_OBSERVED_EDGE_H_
