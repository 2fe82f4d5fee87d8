// Which CA signs a renewal, for the step that decides over enrolments. A device
// is known by its serial number and its CA's key: another CA's certificate
// would make another device of it, without its owner and its block.
#ifndef SERVICES_ISSUANCE_RENEWING_CAS_H_
#define SERVICES_ISSUANCE_RENEWING_CAS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/application.h"
#include "services/issuance/enroll_certificates.h"

namespace masa::issuance {

// Of requests that came together; not thread-safe.
class RenewingCas {
 public:
  // `tools` outlives this.
  RenewingCas(const EnrollmentTools& tools, absl::Time now)
      : tools_(tools), now_(now) {}

  // Leaves with a device's renewal the CA as it signed what is renewed; a
  // server's has the one that signs now. kStateNotAllowed when that version is
  // retired, kMisconfigured when the tenant trusts it no more for its IDevIDs,
  // and what CaVersionOf says.
  absl::Status Keep(Application& one);

 private:
  const EnrollmentTools& tools_;
  const absl::Time now_;
  std::map<std::string, absl::StatusOr<std::shared_ptr<const CaKey>>> known_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RENEWING_CAS_H_
