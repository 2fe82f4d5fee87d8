// EST of an authority: its use cases with the certificates that they keep. Owns
// everything but what it needs.
#ifndef SERVICES_MASAD_ENROLLMENT_PART_H_
#define SERVICES_MASAD_ENROLLMENT_PART_H_

#include "services/issuance/enroll_certificates.h"
#include "services/issuance/gathering_enrollment_desk.h"
#include "services/issuance/policies.h"
#include "services/issuance/serve_certificates.h"
#include "services/issuance/sign_statuses.h"
#include "services/issuance/tell_status.h"
#include "services/issuance/versioned_signer.h"
#include "services/masad/gathering_options.h"
#include "services/masad/status_loop.h"
#include "services/observe/clock.h"
#include "services/telemetry/observed_enrollment_desk.h"
#include "services/telemetry/status_metrics.h"
#include "services/verification/boring_verifier.h"

namespace masa::masad {

class EnrollmentPart {
 public:
  struct Needs {
    storage::CatalogStore& catalog;
    storage::KeyStore& keys;
    storage::CertificateStore& certificates;
    storage::StatusStore& statuses;
    signing::Signer& signer;
    prometheus::Registry& registry;
  };

  // All outlive it.
  explicit EnrollmentPart(const Needs& needs)
      : policies_(needs.catalog, clock_),
        signer_(needs.signer, needs.keys, clock_),
        tools_{policies_, needs.certificates, needs.statuses,
               signer_,   verifier_,          clock_},
        enrolling_(tools_),
        observed_(enrolling_, needs.registry),
        gathering_(observed_, GatheringOptions("enrolments")),
        certificates_(tools_),
        status_(tools_),
        signing_ahead_(tools_),
        status_metrics_(needs.registry),
        status_loop_(signing_ahead_, status_metrics_) {}

  issuance::EnrollmentDesk& enrollment() { return gathering_; }
  issuance::CertificateDesk& certificates() { return certificates_; }
  issuance::StatusDesk& status() { return status_; }

 private:
  const SystemClock clock_;
  verification::BoringVerifier verifier_;
  issuance::Policies policies_;
  issuance::VersionedSigner signer_;
  const issuance::EnrollmentTools tools_;
  issuance::EnrollCertificates enrolling_;
  telemetry::ObservedEnrollmentDesk observed_;
  issuance::GatheringEnrollmentDesk gathering_;
  issuance::ServeCertificates certificates_;
  issuance::TellStatus status_;
  issuance::SignStatuses signing_ahead_;
  telemetry::StatusMetrics status_metrics_;
  StatusLoop status_loop_;  // ends first
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_ENROLLMENT_PART_H_
