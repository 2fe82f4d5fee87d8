// Counts and times each request of a client of EST for a certificate, and
// writes one line for it; questions about the CA are the edge's to count.
#ifndef SERVICES_TELEMETRY_OBSERVED_ENROLLMENT_DESK_H_
#define SERVICES_TELEMETRY_OBSERVED_ENROLLMENT_DESK_H_

#include <vector>

#include "services/issuance/enrollment_desk.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {

// Thread-safe. Outlives the calls that it took.
class ObservedEnrollmentDesk final : public issuance::EnrollmentDesk {
 public:
  // Series masa_enrollments_total, masa_enrollments_denied_total{reason} and
  // masa_enrollments_seconds. Both outlive this.
  ObservedEnrollmentDesk(issuance::EnrollmentDesk& desk,
                         prometheus::Registry& registry);

  void Ask(std::vector<issuance::PendingEst> calls) override;

 private:
  issuance::EnrollmentDesk& desk_;
  Operation enrollments_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_OBSERVED_ENROLLMENT_DESK_H_
