// Certificates that we issued, and who may ask for one once. A certificate, its
// device and its audit event are stored together or not at all. Batch-shaped
// where it is asked for often: result i answers item i, and an item fails
// alone. Thread-safe; blocks; never stale. kStoreUnavailable when the store
// cannot answer.
#ifndef STORAGE_CERTIFICATE_STORE_H_
#define STORAGE_CERTIFICATE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/once.h"
#include "storage/signed_status.h"

namespace masa::storage {

// As many subjects one token may be for, and as many revoked certificates a
// list has at most.
inline constexpr size_t kMostPermits = 1000;
inline constexpr int kMostRevoked = 20'000;

// The last moment that there is: 99991231235959Z, which means no end.
absl::Time EndOfTime();

struct IssuedCertificate {
  std::string tenant_id;
  // Contents of the INTEGER, which say the bucket: SerialWithBucket.
  std::string serial;
  int16_t bucket = 0;   // of (tenant, subject)
  std::string subject;  // the device's serial number, or a server's DNS name
  std::string device_id = {};  // 16 octets; empty: of no device
  std::string profile;         // the label of its tenant's profile
  std::string signing_key;     // what signed: a key, or a version of it
  std::string ca_key_id;       // its authority key identifier
  std::string certificate_der;
  std::string request_digest;  // 32 octets: of what was asked, and how
  absl::Time issued_at;
  absl::Time not_after;   // EndOfTime where it has no end
  std::string requester;  // line:, token: or certificate: and an id
  std::optional<absl::Time> revoked_at = {};
  int32_t revocation_reason = 0;  // of RFC 5280 section 5.3.1

  // Neither revoked nor over.
  bool IsValidAt(absl::Time now) const {
    return !revoked_at && now <= not_after;
  }
  bool operator==(const IssuedCertificate&) const = default;
};

struct Enrollment {
  IssuedCertificate certificate;
  // On record with the certificate when this is committed; none: not a
  // device's. Its owner, state and labels are what is stored, where it is.
  std::optional<Device> device = {};
  std::string token_digest = {};  // 32 octets of the token used; empty: none
  // The certificate that this one renews, which the subject still has; empty:
  // no renewal.
  std::string renewed_der = {};
  // There is a record of the subject already. Changes no outcome: a store
  // writes without looking first where it has no reason to think so.
  bool is_known = false;
  // Signed with the certificate, and stored with it; none: the certificate has
  // its first turn at once (status_store.h).
  std::optional<SignedStatus> status = {};

  bool IsRenewal() const { return !renewed_der.empty(); }
};

struct CommittedEnrollment {
  IssuedCertificate certificate;  // what is stored, and may be released
  bool replayed = false;          // it was there before
};

// What a decision reads of a subject before it is made.
struct EnrollmentQuestion {
  std::string tenant_id;
  std::string subject;
  std::string token_digest = {};  // empty: none is shown
};

struct Permit {
  std::string profile;
  absl::Time expires_at;

  bool operator==(const Permit&) const = default;
};

struct EnrollmentFacts {
  // The newest eight of the subject, the newest first.
  std::vector<IssuedCertificate> certificates;
  std::optional<Permit> permit;  // of the token for this subject, not used yet
  bool is_registered = false;    // there is a device of this serial number
};

// One token: who shows it may ask once for each of these subjects.
struct PermitBatch {
  std::string tenant_id;
  std::string profile;
  std::string token_digest;           // 32 octets
  std::vector<std::string> subjects;  // 1 to kMostPermits
  absl::Time expires_at;
  std::optional<OnceOrder> once = {};
};

struct CertificateFilter {
  std::string tenant_id;
  std::string profile = {};  // empty: any
  std::string subject = {};  // empty: any
  std::optional<bool> revoked = {};

  bool operator==(const CertificateFilter&) const = default;
};

struct Revocation {
  std::string tenant_id;
  std::string serial;
  int32_t reason = 0;
  std::optional<OnceOrder> once = {};
};

class CertificateStore {
 public:
  virtual ~CertificateStore() = default;

  virtual std::vector<absl::StatusOr<EnrollmentFacts>> Ask(
      const RequestContext& context,
      absl::Span<const EnrollmentQuestion> questions) = 0;

  // Durable on return, each with one audit event, which says its device as
  // well where that is new; one that was there has an event of its own. The
  // same request of a subject finds its certificate again while that is valid.
  // kCertExists, unless this is a renewal, when the subject has a valid
  // certificate of the profile, or of the CA where it is a device's, or when
  // the device has one on record that is not ours; kSubjectKeyNotAllowed for a
  // key of the subject's that was revoked as compromised; kEnrollerNotAllowed
  // for a renewal of another key than that on record, or of no device of this
  // CA; kPermissionDenied
  // when the token is used or over; kProductUnknown; kDeviceBlocked, but not
  // where the certificate on record is revoked; kDeviceInTransfer,
  // kStateNotAllowed for the device.
  virtual std::vector<absl::StatusOr<CommittedEnrollment>> Enroll(
      const RequestContext& context, absl::Span<const Enrollment> items) = 0;

  // By serial number, of any tenant; kCertNotFound.
  virtual std::vector<absl::StatusOr<IssuedCertificate>> FindCertificates(
      const RequestContext& context, absl::Span<const std::string> serials) = 0;

  // Behind `after`, a serial number or nothing, in the order of their serial
  // numbers; at most `limit` (1 to 1000).
  virtual absl::StatusOr<std::vector<IssuedCertificate>> ListCertificates(
      const RequestContext& context, const CertificateFilter& filter,
      const std::string& after, int limit) = 0;

  // With an audit event; a repeat is answered with what stands. The device that
  // has it on record, or its key where that is compromised, is blocked with it,
  // with an event of its own. kCertNotFound, kStateNotAllowed when it is
  // revoked already, kRequestIdReused.
  virtual absl::StatusOr<IssuedCertificate> Revoke(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const Revocation& revocation) = 0;

  // All that are revoked and were not over at `now`, of the CA with this key.
  // kTooManyItems beyond kMostRevoked.
  virtual absl::StatusOr<std::vector<IssuedCertificate>> ListRevoked(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& ca_key_id, absl::Time now) = 0;

  // With one audit event; a repeat writes nothing. What is over is forgotten.
  // kInvalidArgument, kRequestIdReused.
  virtual absl::Status AddPermits(const RequestContext& context,
                                  const std::string& actor, absl::Time at,
                                  const PermitBatch& batch) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_CERTIFICATE_STORE_H_
