// What all stores ask of certificates that we issued: one place, so that they
// decide alike. Pure.
#ifndef STORAGE_CERTIFICATE_RULES_H_
#define STORAGE_CERTIFICATE_RULES_H_

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

// A member of an event's payload: its name, and its value in JSON.
using EventField = std::pair<const char*, std::string>;

// The event of what became of a certificate, with what is told beside it.
AuditEvent CertificateEvent(const char* kind,
                            const IssuedCertificate& certificate,
                            std::vector<EventField> fields,
                            const Change& change);

// The event of a certificate that was issued. `made` is the device that is on
// record because of it, with this certificate, and has no event of its own;
// null: none, or it was there before.
AuditEvent IssuedEvent(const IssuedCertificate& certificate, const Device* made,
                       const Change& change);

// Whether it was revoked because its key is in other hands.
bool IsCompromised(const IssuedCertificate& certificate);

// Of two certificates, DER; false when one does not parse.
bool HaveSameKey(const std::string& one_der, const std::string& other_der);

// The revoked certificate, the devices that it blocks and the events of both.
struct RevocationPlan {
  IssuedCertificate certificate;
  std::vector<Device> devices;  // as they shall stand
  std::vector<AuditEvent> events;
};

// `devices` has at least those of the certificate's subject. A device is
// blocked whose certificate on record this is, or, where the key is
// compromised, has its key. kStateNotAllowed when it is revoked already.
absl::StatusOr<RevocationPlan> PlanRevocation(const IssuedCertificate& stored,
                                              absl::Span<const Device> devices,
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
