// Writes one line for each call of a pledge, and one for people where telemetry
// says more than is known here (RFC 8995 section 5.7).
#ifndef SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_
#define SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_

#include <vector>

#include "services/issuance/pledge_desk.h"

namespace masa::telemetry {

// Outlives the calls that it took.
class ObservedPledgeDesk final : public issuance::PledgeDesk {
 public:
  // `desk` outlives this.
  explicit ObservedPledgeDesk(issuance::PledgeDesk& desk) : desk_(desk) {}

  void Ask(std::vector<issuance::PendingPledge> calls) override;

 private:
  issuance::PledgeDesk& desk_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_OBSERVED_PLEDGE_DESK_H_
