#include "storage/certificate_rules.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/event_json.h"
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
constexpr int32_t kKeyCompromise = 1;  // RFC 5280 section 5.3.1

absl::Status Invalid(absl::string_view what) {
  return Refuse(Reason::kInvalidArgument, what);
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMostNameOctets &&
         IsStorableText(text);
}

std::string JsonHex(const std::string& octets) {
  return JsonText(absl::BytesToHexString(octets));
}

std::string Sha256(const std::string& octets) {
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(), hash);
  return std::string(reinterpret_cast<const char*>(hash), sizeof(hash));
}

bool IsStatusOf(const SignedStatus& status,
                const IssuedCertificate& certificate) {
  return status.serial == certificate.serial && !status.cert_id_der.empty() &&
         !status.response_der.empty() &&
         status.revoked_at == certificate.revoked_at;
}

// Whether the device would still be believed by what is revoked.
bool LosesItsProof(const Device& device, const IssuedCertificate& revoked) {
  const bool is_fit = device.state != DeviceState::kBlocked &&
                      device.state != DeviceState::kScrapped;
  if (!is_fit || device.deleted_at || device.device_id != revoked.device_id) {
    return false;
  }
  return device.idevid_cert_der == revoked.certificate_der ||
         (IsCompromised(revoked) &&
          HaveSameKey(device.idevid_cert_der, revoked.certificate_der));
}

AuditEvent EventOf(const char* kind, const std::string& tenant_id,
                   std::vector<EventField> fields, const Change& change) {
  std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) {
    return absl::string_view(a.first) < absl::string_view(b.first);
  });
  EventJson json;
  for (const auto& [name, value] : fields) {
    json.AddValue(name, value);
  }
  AuditEvent event;
  event.event_id = NewEventId(change.at);
  event.tenant_id = tenant_id;
  event.kind = kind;
  event.at = change.at;
  event.actor = change.actor;
  event.request_id = change.request_id;
  event.payload = json.Finish();
  return event;
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
      certificate.not_after <= EndOfTime() &&
      (!enrollment.status || IsStatusOf(*enrollment.status, certificate));
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

AuditEvent CertificateEvent(const char* kind,
                            const IssuedCertificate& certificate,
                            std::vector<EventField> fields,
                            const Change& change) {
  fields.emplace_back("certificate_serial", JsonHex(certificate.serial));
  fields.emplace_back("certificate_sha256",
                      JsonHex(Sha256(certificate.certificate_der)));
  fields.emplace_back("profile", JsonText(certificate.profile));
  fields.emplace_back("subject", JsonText(certificate.subject));
  AuditEvent event =
      EventOf(kind, certificate.tenant_id, std::move(fields), change);
  event.bucket = certificate.bucket;
  event.device_id = certificate.device_id;
  return event;
}

AuditEvent IssuedEvent(const IssuedCertificate& certificate, const Device* made,
                       const Change& change) {
  std::vector<EventField> fields;
  if (made != nullptr) {
    // The digest beside it stands for the certificate, which is kept.
    fields.emplace_back("device", DescribeWithoutCertificate(*made));
  }
  return CertificateEvent(kCertificateIssued, certificate, std::move(fields),
                          change);
}

bool IsCompromised(const IssuedCertificate& certificate) {
  return certificate.revoked_at &&
         certificate.revocation_reason == kKeyCompromise;
}

bool HaveSameKey(const std::string& one_der, const std::string& other_der) {
  const auto one = SpkiSha256Of(one_der), other = SpkiSha256Of(other_der);
  return one.ok() && other.ok() && *one == *other;
}

absl::StatusOr<RevocationPlan> PlanRevocation(const IssuedCertificate& stored,
                                              absl::Span<const Device> devices,
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
  plan.events.push_back(CertificateEvent(
      kCertificateRevoked, plan.certificate,
      {{"reason", JsonText(absl::StrCat(revocation.reason))}}, change));
  for (const Device& device : devices) {
    if (!LosesItsProof(device, plan.certificate)) {
      continue;
    }
    Device blocked = device;
    blocked.state = DeviceState::kBlocked;
    ++blocked.version;
    plan.events.push_back(DeviceEvent(kDeviceStateSet, &device, blocked,
                                      change.actor, change.at,
                                      change.request_id));
    plan.devices.push_back(std::move(blocked));
  }
  return plan;
}

AuditEvent PermitEvent(const PermitBatch& batch, const Change& change) {
  return EventOf(kEnrollmentTokenCreated, batch.tenant_id,
                 {{"token_sha256", JsonHex(batch.token_digest)},
                  {"profile", JsonText(batch.profile)},
                  {"subjects", JsonText(absl::StrCat(batch.subjects.size()))},
                  {"expires_at", JsonText(absl::FormatTime(
                                     "%Y-%m-%dT%H:%M:%SZ", batch.expires_at,
                                     absl::UTCTimeZone()))}},
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
