#include "services/issuance/enroll_certificates.h"

#include <algorithm>
#include <utility>

#include "services/issuance/enrollment_steps.h"

namespace masa::issuance {

void EnrollCertificates::Ask(std::vector<PendingEst> calls) {
  const absl::Time now = tools_.clock.Now();
  Applications applications(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    applications[i].call = &calls[i].call;
  }
  FindProfiles(tools_, applications);
  FindCas(tools_, applications);
  TellAboutCas(tools_, applications, now);
  ReadRequests(tools_, applications, now);
  LookUpSubjects(tools_, applications);
  DecideEnrollments(tools_, applications, now);
  SignCertificates(tools_, applications, now);
  CommitCertificates(tools_, applications, now);
  for (size_t i = 0; i < calls.size(); ++i) {
    Application& one = applications[i];
    calls[i].respond(one.fate.ok()
                         ? absl::StatusOr<EstAnswer>(std::move(one.answer))
                         : one.fate);
  }
}

}  // namespace masa::issuance
