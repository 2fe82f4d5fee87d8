// The steps of an enrolment, in their order (enroll_certificates.cc). Each goes
// over all requests that came together and leaves out those that an earlier one
// refused.
#ifndef SERVICES_ISSUANCE_ENROLLMENT_STEPS_H_
#define SERVICES_ISSUANCE_ENROLLMENT_STEPS_H_

#include "absl/time/time.h"
#include "services/issuance/application.h"
#include "services/issuance/enroll_certificates.h"

namespace masa::issuance {

// The tenant of the host name, and its profile of the label.
void FindProfiles(const EnrollmentTools& tools, Applications& applications);

// The CA of each profile; asked once for each key.
void FindCas(const EnrollmentTools& tools, Applications& applications);

// The answers of cacerts, with the chains of all versions that are not retired,
// and of csrattrs.
void TellAboutCas(const EnrollmentTools& tools, Applications& applications,
                  absl::Time now);

// Who asks, for whom, with which key; and that the key is theirs.
void ReadRequests(const EnrollmentTools& tools, Applications& applications,
                  absl::Time now);

// What is on record of the subjects that something on record decides over, in
// one question.
void LookUpSubjects(const EnrollmentTools& tools, Applications& applications);

// Whether they may; and what their certificates say.
void DecideEnrollments(const EnrollmentTools& tools, Applications& applications,
                       absl::Time now);

// Those of one key in one turn, each with what OCSP tells of it, where the key
// is for that.
void SignCertificates(const EnrollmentTools& tools, Applications& applications,
                      absl::Time now);

// Certificates, devices and events, together; leaves what may be released:
// what is stored.
void CommitCertificates(const EnrollmentTools& tools,
                        Applications& applications, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ENROLLMENT_STEPS_H_
