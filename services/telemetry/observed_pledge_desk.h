// Writes one line for each call of a pledge. Where telemetry says more than is
// known here (RFC 8995 section 5.7) it writes another one, and counts those of
// a newer version, for an alert.
#ifndef SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_
#define SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_

#include <vector>

#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/issuance/pledge_desk.h"

namespace masa::telemetry {

// Thread-safe. Outlives the calls that it took.
class ObservedPledgeDesk final : public issuance::PledgeDesk {
 public:
  // Series masa_pledge_telemetry_newer_total. Both outlive this.
  ObservedPledgeDesk(issuance::PledgeDesk& desk,
                     prometheus::Registry& registry);

  void Ask(std::vector<issuance::PendingPledge> calls) override;

 private:
  issuance::PledgeDesk& desk_;
  prometheus::Counter& newer_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_
