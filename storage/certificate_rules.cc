#include "storage/certificate_rules.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kRandomOctets = 16;
constexpr size_t kSerialOctets = kRandomOctets + 2;
// The first octet of each serial number: positive, and never a zero.
constexpr unsigned kFirstOctet = 0x40;
constexpr unsigned kBucketHighBits = 0x03;
constexpr size_t kDigestOctets = 32;
constexpr size_t kMostNameOctets = 256;
constexpr size_t kMostCertificateOctets = 16 * 1024;

absl::Status Invalid(absl::string_view what) {
  return Refuse(Reason::kInvalidArgument, what);
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMostNameOctets &&
         IsStorableText(text);
}

std::string Sha256Hex(const std::string& octets) {
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(), hash);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash), sizeof(hash)));
}

using Fields = std::vector<std::pair<const char*, std::string>>;

AuditEvent EventOf(const char* kind, const std::string& tenant_id,
                   const Fields& fields, const Change& change) {
  google::protobuf::Struct values;
  for (const auto& [name, text] : fields) {
    (*values.mutable_fields())[name].set_string_value(text);
  }
  AuditEvent event;
  event.event_id = NewEventId(change.at);
  event.tenant_id = tenant_id;
  event.kind = kind;
  event.at = change.at;
  event.actor = change.actor;
  event.request_id = change.request_id;
  (void)google::protobuf::util::MessageToJsonString(values, &event.payload);
  return event;
}

AuditEvent CertificateEvent(const char* kind,
                            const IssuedCertificate& certificate, Fields fields,
                            const Change& change) {
  fields.emplace_back("certificate_serial",
                      absl::BytesToHexString(certificate.serial));
  fields.emplace_back("certificate_sha256",
                      Sha256Hex(certificate.certificate_der));
  fields.emplace_back("profile", certificate.profile);
  fields.emplace_back("subject", certificate.subject);
  AuditEvent event = EventOf(kind, certificate.tenant_id, fields, change);
  event.bucket = certificate.bucket;
  event.device_id = certificate.device_id;
  return event;
}

// The certificate that the same request of this subject got, while it is valid.
const IssuedCertificate* FindRepeat(const EnrolledFacts& facts,
                                    const IssuedCertificate& asked) {
  for (const IssuedCertificate& one : facts.certificates) {
    if (one.tenant_id == asked.tenant_id && one.subject == asked.subject &&
        one.request_digest == asked.request_digest &&
        one.IsValidAt(asked.issued_at)) {
      return &one;
    }
  }
  return nullptr;
}

bool HasValid(const EnrolledFacts& facts, const IssuedCertificate& asked) {
  return std::any_of(facts.certificates.begin(), facts.certificates.end(),
                     [&asked](const IssuedCertificate& one) {
                       return one.tenant_id == asked.tenant_id &&
                              one.subject == asked.subject &&
                              one.profile == asked.profile &&
                              one.IsValidAt(asked.issued_at);
                     });
}

absl::Status CheckPermit(const EnrolledFacts& facts,
                         const Enrollment& enrollment) {
  if (enrollment.token_digest.empty()) {
    return absl::OkStatus();
  }
  const IssuedCertificate& asked = enrollment.certificate;
  const auto permit =
      facts.permits.find({asked.subject, enrollment.token_digest});
  return permit != facts.permits.end() &&
                 permit->second.profile == asked.profile &&
                 asked.issued_at < permit->second.expires_at
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "the token is used, over, or not for this subject");
}

// The stored device that the certificate is for; null: there is none.
Device* FindDevice(EnrolledFacts& facts, const Device& asked) {
  Device* alike = nullptr;
  for (Device& stored : facts.devices.devices) {
    if (stored.tenant_id != asked.tenant_id ||
        stored.serial_number != asked.serial_number) {
      continue;
    }
    if (stored.idevid_issuer == asked.idevid_issuer) {
      return &stored;
    }
    alike = stored.idevid_issuer ? alike : &stored;
  }
  return alike;
}

absl::Status CheckState(const Device& stored) {
  if (stored.state == DeviceState::kBlocked) {
    return Refuse(Reason::kDeviceBlocked,
                  "the device is blocked; it gets no certificate");
  }
  if (stored.deleted_at || stored.state == DeviceState::kScrapped) {
    return Refuse(Reason::kStateNotAllowed,
                  "the device is deleted or scrapped; its serial number gets "
                  "no certificate");
  }
  return CheckNotInTransfer(stored);
}

// As it shall stand with its certificate, written into `facts` as well.
absl::StatusOr<Device> PlanDevice(const Device& asked, EnrolledFacts& facts,
                                  const Change& change,
                                  std::vector<AuditEvent>* events) {
  Device* stored = FindDevice(facts, asked);
  if (stored != nullptr) {
    MASA_RETURN_IF_ERROR(CheckState(*stored));
    const Device before = *stored;
    stored->idevid_cert_der = asked.idevid_cert_der;
    ++stored->version;
    stored->updated_at = ToMicros(change.at);
    events->push_back(DeviceEvent(kDeviceUpdated, &before, *stored,
                                  change.actor, change.at, change.request_id));
    return *stored;
  }
  MASA_RETURN_IF_ERROR(CheckDevice(asked));
  if (!facts.devices.products.contains({asked.tenant_id, asked.product_id})) {
    return Refuse(Reason::kProductUnknown,
                  absl::StrCat("no product ", asked.product_id));
  }
  Device made = asked;
  made.bucket = BucketOf(made.tenant_id, made.serial_number);
  made.device_id =
      DeviceIdOf(made.tenant_id, made.serial_number, made.idevid_issuer);
  made.version = 1;
  made.created_at = made.updated_at = ToMicros(change.at);
  facts.devices.devices.push_back(made);
  events->push_back(DeviceEvent(kDeviceCreated, nullptr, made, change.actor,
                                change.at, change.request_id));
  return made;
}

absl::StatusOr<CommittedEnrollment> PlanOne(const Enrollment& item,
                                            EnrolledFacts& facts,
                                            const std::string& request_id,
                                            EnrollmentPlan* plan) {
  MASA_RETURN_IF_ERROR(CheckEnrollment(item));
  IssuedCertificate certificate = AsStored(item.certificate);
  if (const IssuedCertificate* stored = FindRepeat(facts, certificate)) {
    return CommittedEnrollment{*stored, true};
  }
  if (!item.is_renewal && HasValid(facts, certificate)) {
    return Refuse(
        Reason::kCertExists,
        // Without its name, which the edge's log would hold (SE-11).
        "the subject of the request has a certificate of this "
        "profile already; renew it with it, or have it revoked first");
  }
  MASA_RETURN_IF_ERROR(CheckPermit(facts, item));
  const Change change = {certificate.requester, certificate.issued_at,
                         request_id};
  if (item.device) {
    MASA_ASSIGN_OR_RETURN(
        const Device device,
        PlanDevice(*item.device, facts, change, &plan->events));
    certificate.device_id = device.device_id;
    std::erase_if(plan->devices, [&device](const Device& one) {
      return one.device_id == device.device_id;
    });
    plan->devices.push_back(device);
  }
  if (!item.token_digest.empty()) {
    const PermitKey used = {certificate.subject, item.token_digest};
    facts.permits.erase(used);
    plan->used.push_back(used);
  }
  plan->events.push_back(
      CertificateEvent(kCertificateIssued, certificate, {}, change));
  plan->certificates.push_back(certificate);
  facts.certificates.push_back(certificate);
  return CommittedEnrollment{certificate, false};
}

}  // namespace

absl::Time EndOfTime() {
  return absl::FromCivil(absl::CivilSecond(9999, 12, 31, 23, 59, 59),
                         absl::UTCTimeZone());
}

std::string SerialWithBucket(int16_t bucket, const std::string& random) {
  std::string serial;
  serial.push_back(static_cast<char>(kFirstOctet | (bucket >> 8)));
  serial.push_back(static_cast<char>(bucket & 0xff));
  return serial + random;
}

int16_t BucketOfSerial(const std::string& serial) {
  if (serial.size() != kSerialOctets ||
      (static_cast<uint8_t>(serial[0]) & ~kBucketHighBits) != kFirstOctet) {
    return -1;
  }
  return static_cast<int16_t>(
      ((static_cast<uint8_t>(serial[0]) & kBucketHighBits) << 8) |
      static_cast<uint8_t>(serial[1]));
}

absl::Status CheckEnrollment(const Enrollment& enrollment) {
  const IssuedCertificate& certificate = enrollment.certificate;
  if (!IsName(certificate.tenant_id) || !IsName(certificate.subject) ||
      !IsName(certificate.profile) || !IsName(certificate.signing_key) ||
      !IsName(certificate.requester)) {
    return Invalid(
        "a certificate needs a tenant, a subject and a profile of "
        "at most 256 octets");
  }
  const bool fits =
      certificate.bucket ==
          BucketOf(certificate.tenant_id, certificate.subject) &&
      BucketOfSerial(certificate.serial) == certificate.bucket &&
      certificate.request_digest.size() == kDigestOctets &&
      !certificate.ca_key_id.empty() && !certificate.certificate_der.empty() &&
      certificate.certificate_der.size() <= kMostCertificateOctets &&
      (enrollment.token_digest.empty() ||
       enrollment.token_digest.size() == kDigestOctets) &&
      certificate.not_after <= EndOfTime();
  return fits ? absl::OkStatus()
              : Invalid("the certificate's record does not fit together");
}

absl::Status CheckPermits(const PermitBatch& batch) {
  if (!IsName(batch.tenant_id) || !IsName(batch.profile) ||
      batch.token_digest.size() != kDigestOctets) {
    return Invalid("a token needs a profile and a SHA-256 of 32 octets");
  }
  if (batch.subjects.empty() || batch.subjects.size() > kMostPermits ||
      !std::all_of(batch.subjects.begin(), batch.subjects.end(), IsName)) {
    return Invalid(
        "a token is for 1 to 1000 serial numbers, each of 1 to 256 "
        "octets of UTF-8");
  }
  return batch.expires_at < EndOfTime() ? absl::OkStatus()
                                        : Invalid("a token ends");
}

EnrollmentPlan PlanEnrollments(absl::Span<const Enrollment> items,
                               EnrolledFacts facts,
                               const std::string& request_id) {
  EnrollmentPlan plan;
  for (const Enrollment& item : items) {
    plan.outcomes.push_back(PlanOne(item, facts, request_id, &plan));
  }
  return plan;
}

absl::StatusOr<RevocationPlan> PlanRevocation(const IssuedCertificate& stored,
                                              const Revocation& revocation,
                                              const Change& change) {
  if (stored.revoked_at) {
    return Refuse(Reason::kStateNotAllowed,
                  "the certificate is revoked already");
  }
  RevocationPlan plan;
  plan.certificate = stored;
  // To the second, as lists say it.
  plan.certificate.revoked_at =
      absl::FromUnixSeconds(absl::ToUnixSeconds(change.at));
  plan.certificate.revocation_reason = revocation.reason;
  plan.event =
      CertificateEvent(kCertificateRevoked, plan.certificate,
                       {{"reason", absl::StrCat(revocation.reason)}}, change);
  return plan;
}

AuditEvent PermitEvent(const PermitBatch& batch, const Change& change) {
  return EventOf(
      kEnrollmentTokenCreated, batch.tenant_id,
      {{"token_sha256", absl::BytesToHexString(batch.token_digest)},
       {"profile", batch.profile},
       {"subjects", absl::StrCat(batch.subjects.size())},
       {"expires_at", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", batch.expires_at,
                                       absl::UTCTimeZone())}},
      change);
}

bool Passes(const CertificateFilter& filter,
            const IssuedCertificate& certificate) {
  return certificate.tenant_id == filter.tenant_id &&
         (filter.profile.empty() || filter.profile == certificate.profile) &&
         (filter.subject.empty() || filter.subject == certificate.subject) &&
         (!filter.revoked ||
          *filter.revoked == certificate.revoked_at.has_value());
}

absl::Status CertificateIsUnknown() {
  return Refuse(Reason::kCertNotFound,
                "no certificate with this serial number was issued here");
}

absl::Status TooManyRevoked() {
  return Refuse(Reason::kTooManyItems,
                "more certificates are revoked than one list takes; ask by "
                "OCSP");
}

IssuedCertificate AsStored(IssuedCertificate certificate) {
  certificate.issued_at = ToMicros(certificate.issued_at);
  certificate.not_after = ToMicros(certificate.not_after);
  return certificate;
}

}  // namespace masa::storage
