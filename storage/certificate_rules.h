// What all stores ask of certificates that we issued, and what becomes of an
// enrolment, given what is stored: one place, so that they decide alike. Pure.
#ifndef STORAGE_CERTIFICATE_RULES_H_
#define STORAGE_CERTIFICATE_RULES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/certificate_store.h"
#include "storage/device_changes.h"

namespace masa::storage {

// The contents of a certificate's INTEGER: 18 octets, of which the first two
// say the bucket and the others are `random`, 16 octets.
std::string SerialWithBucket(int16_t bucket, const std::string& random);

// -1 for a serial number that is none of ours.
int16_t BucketOfSerial(const std::string& serial);

// kInvalidArgument when a name is empty or cannot be stored, an octet string
// has not its length, or the serial number is of another bucket.
absl::Status CheckEnrollment(const Enrollment& enrollment);
absl::Status CheckPermits(const PermitBatch& batch);

// Whose permit it is: subject and token.
using PermitKey = std::pair<std::string, std::string>;

// What is stored of the subjects of one tenant.
struct EnrolledFacts {
  StoredFacts devices;
  std::vector<IssuedCertificate> certificates;
  std::map<PermitKey, Permit> permits;
};

struct EnrollmentPlan {
  std::vector<absl::StatusOr<CommittedEnrollment>> outcomes;
  std::vector<IssuedCertificate> certificates;  // to be written
  std::vector<Device> devices;                  // as they shall stand
  std::vector<PermitKey> used;
  std::vector<AuditEvent> events;
};

// Of items of one tenant. Each is decided after those before it.
EnrollmentPlan PlanEnrollments(absl::Span<const Enrollment> items,
                               EnrolledFacts facts,
                               const std::string& request_id);

// The revoked certificate and the event of it. kStateNotAllowed.
struct RevocationPlan {
  IssuedCertificate certificate;
  AuditEvent event;
};
absl::StatusOr<RevocationPlan> PlanRevocation(const IssuedCertificate& stored,
                                              const Revocation& revocation,
                                              const Change& change);

// The event of a token that was made.
AuditEvent PermitEvent(const PermitBatch& batch, const Change& change);

bool Passes(const CertificateFilter& filter,
            const IssuedCertificate& certificate);

absl::Status CertificateIsUnknown();
absl::Status TooManyRevoked();

// As a store keeps it: its times in microseconds.
IssuedCertificate AsStored(IssuedCertificate certificate);

}  // namespace masa::storage

#endif  // STORAGE_CERTIFICATE_RULES_H_
