// Enrols a certificate, or tells what one is asked for with: the use case
// behind EST. A list of calls; the rules are in services/enrollment.
#ifndef SERVICES_ISSUANCE_ENROLL_CERTIFICATES_H_
#define SERVICES_ISSUANCE_ENROLL_CERTIFICATES_H_

#include <vector>

#include "services/issuance/enrollment_desk.h"
#include "services/issuance/policies.h"
#include "services/observe/clock.h"
#include "services/signing/signer.h"
#include "services/verifier/verifier.h"
#include "storage/certificate_store.h"
#include "storage/status_store.h"

namespace masa::issuance {

// What the use case works with. All outlive it; all are thread-safe.
struct EnrollmentTools {
  Policies& policies;
  storage::CertificateStore& certificates;
  storage::StatusStore& statuses;
  signing::Signer& signer;
  const Verifier& verifier;
  const Clock& clock;
};

class EnrollCertificates final : public EnrollmentDesk {
 public:
  explicit EnrollCertificates(const EnrollmentTools& tools) : tools_(tools) {}

  // Blocks. What comes together is looked up, signed and committed together.
  void Ask(std::vector<PendingEst> calls) override;

 private:
  const EnrollmentTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ENROLL_CERTIFICATES_H_
