#include "storage/enrollment_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/certificate_rules.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

using Certificates = std::vector<const IssuedCertificate*>;

// Those of the subject, stored or planned.
Certificates OfSubject(const EnrolledFacts& facts, const EnrollmentPlan& plan,
                       const IssuedCertificate& asked) {
  Certificates found;
  const auto add = [&found, &asked](const IssuedCertificate& one) {
    if (one.subject == asked.subject && one.tenant_id == asked.tenant_id) {
      found.push_back(&one);
    }
  };
  std::for_each(facts.certificates.begin(), facts.certificates.end(), add);
  for (const size_t i : plan.written) {
    add(plan.outcomes[i]->certificate);
  }
  return found;
}

// The certificate that the same request of this subject got, while it is valid.
const IssuedCertificate* FindRepeat(const Certificates& certificates,
                                    const IssuedCertificate& asked) {
  for (const IssuedCertificate* one : certificates) {
    if (one->request_digest == asked.request_digest &&
        one->IsValidAt(asked.issued_at)) {
      return one;
    }
  }
  return nullptr;
}

// A CA gives a device one IDevID, whatever the profile: with two, the device of
// the first would be refused as one with another key than that on record.
bool IsInTheWay(const IssuedCertificate& one, const Enrollment& item) {
  const IssuedCertificate& asked = item.certificate;
  const bool is_of_device =
      item.device && !one.device_id.empty() && one.ca_key_id == asked.ca_key_id;
  return (is_of_device || one.profile == asked.profile) &&
         one.IsValidAt(asked.issued_at);
}

// The refusals have no name of the subject, which the edge's log would hold
// (SE-11).
absl::Status CheckOthers(const Certificates& others, const Enrollment& item) {
  const IssuedCertificate& asked = item.certificate;
  for (const IssuedCertificate* one : others) {
    if (IsCompromised(*one) &&
        HaveSameKey(one->certificate_der, asked.certificate_der)) {
      return Refuse(Reason::kSubjectKeyNotAllowed,
                    "a certificate of this key was revoked because the key is "
                    "compromised; another key is needed");
    }
  }
  return item.IsRenewal() ||
                 std::none_of(others.begin(), others.end(),
                              [&item](const IssuedCertificate* one) {
                                return IsInTheWay(*one, item);
                              })
             ? absl::OkStatus()
             : Refuse(Reason::kCertExists,
                      "the subject of the request has a certificate already; "
                      "renew it with it, or have it revoked first");
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

// Of the certificates, the one that is on record for the device; null: none.
const IssuedCertificate* FindRecorded(const Certificates& certificates,
                                      const Device& stored) {
  const auto found =
      std::find_if(certificates.begin(), certificates.end(),
                   [&stored](const IssuedCertificate* one) {
                     return one->certificate_der == stored.idevid_cert_der;
                   });
  return found == certificates.end() ? nullptr : *found;
}

// A revocation blocks the device, which needs another certificate before the
// block can be lifted.
absl::Status CheckState(const Device& stored, bool replaces_revoked) {
  if (stored.state == DeviceState::kBlocked && !replaces_revoked) {
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

// The device is who holds the key on record: whoever had an earlier one, and
// perhaps lost it to others, takes nobody's place.
absl::Status CheckRenewed(const Device& stored,
                          const std::string& renewed_der) {
  const std::string& recorded_der = stored.idevid_cert_der;
  return recorded_der.empty() || recorded_der == renewed_der ||
                 HaveSameKey(recorded_der, renewed_der)
             ? absl::OkStatus()
             : Refuse(Reason::kEnrollerNotAllowed,
                      "the device has a certificate of another key on record, "
                      "which alone can be renewed");
}

// May the device on record have this certificate, in place of the one that it
// has?
absl::Status CheckRecord(const Device& stored, const Certificates& others,
                         const Enrollment& item) {
  const IssuedCertificate* recorded = FindRecorded(others, stored);
  const bool is_revoked = recorded != nullptr && recorded->revoked_at;
  MASA_RETURN_IF_ERROR(CheckState(stored, is_revoked && !item.IsRenewal()));
  if (item.IsRenewal()) {
    return CheckRenewed(stored, item.renewed_der);
  }
  const bool is_free =
      stored.idevid_cert_der.empty() ||
      (recorded != nullptr && !recorded->IsValidAt(item.certificate.issued_at));
  return is_free ? absl::OkStatus()
                 : Refuse(Reason::kCertExists,
                          "the device has a certificate on record that was not "
                          "issued here; an operator can take it off the "
                          "record first");
}

// May a device come to be with this certificate?
absl::Status CheckMayBeMade(const Enrollment& item,
                            const EnrolledFacts& facts) {
  const Device& asked = *item.device;
  if (item.IsRenewal()) {
    // As a new one it would have neither its owner nor its block.
    return Refuse(Reason::kEnrollerNotAllowed,
                  "no device of this serial number and CA is on record, which "
                  "a renewal is of");
  }
  MASA_RETURN_IF_ERROR(CheckDevice(asked));
  return facts.devices.products.contains({asked.tenant_id, asked.product_id})
             ? absl::OkStatus()
             : Refuse(Reason::kProductUnknown,
                      absl::StrCat("no product ", asked.product_id));
}

// Leaves the device as it shall stand with its certificate at the end of the
// plan's, and in `facts`. Whether it is new; what was there has an event of its
// own.
absl::StatusOr<bool> PlanDevice(const Enrollment& item,
                                const Certificates& others,
                                EnrolledFacts& facts, const Change& change,
                                EnrollmentPlan* plan) {
  const Device& asked = *item.device;
  Device* stored = FindDevice(facts, asked);
  if (stored != nullptr) {
    MASA_RETURN_IF_ERROR(CheckRecord(*stored, others, item));
    const Device before = *stored;
    stored->idevid_cert_der = asked.idevid_cert_der;
    ++stored->version;
    stored->updated_at = ToMicros(change.at);
    plan->events.push_back(DeviceEvent(kDeviceUpdated, &before, *stored,
                                       change.actor, change.at,
                                       change.request_id));
    std::erase_if(plan->devices, [stored](const Device& one) {
      return one.device_id == stored->device_id;
    });
    plan->devices.push_back(*stored);
    return false;
  }
  MASA_RETURN_IF_ERROR(CheckMayBeMade(item, facts));
  Device made = asked;
  made.bucket = BucketOf(made.tenant_id, made.serial_number);
  made.device_id =
      DeviceIdOf(made.tenant_id, made.serial_number, made.idevid_issuer);
  made.version = 1;
  made.created_at = made.updated_at = ToMicros(change.at);
  facts.devices.devices.push_back(made);
  plan->devices.push_back(std::move(made));
  return true;
}

// What is stored beside the certificate: a response, or its first turn.
SignedStatus StatusFor(const Enrollment& item,
                       const IssuedCertificate& certificate) {
  SignedStatus status = item.status.value_or(SignedStatus{
      .serial = certificate.serial, .renew_at = certificate.issued_at});
  status.next_update = ToMicros(status.next_update);
  status.renew_at = ToMicros(status.renew_at);
  return status;
}

absl::StatusOr<CommittedEnrollment> PlanOne(const Enrollment& item,
                                            EnrolledFacts& facts,
                                            const std::string& request_id,
                                            EnrollmentPlan* plan) {
  MASA_RETURN_IF_ERROR(CheckEnrollment(item));
  IssuedCertificate certificate = AsStored(item.certificate);
  const Certificates others = OfSubject(facts, *plan, certificate);
  if (const IssuedCertificate* stored = FindRepeat(others, certificate)) {
    return CommittedEnrollment{*stored, true};
  }
  MASA_RETURN_IF_ERROR(CheckOthers(others, item));
  MASA_RETURN_IF_ERROR(CheckPermit(facts, item));
  const Change change = {certificate.requester, certificate.issued_at,
                         request_id};
  const Device* made = nullptr;
  if (item.device) {
    MASA_ASSIGN_OR_RETURN(const bool is_new,
                          PlanDevice(item, others, facts, change, plan));
    certificate.device_id = plan->devices.back().device_id;
    made = is_new ? &plan->devices.back() : nullptr;
  }
  if (!item.token_digest.empty()) {
    const PermitKey used = {certificate.subject, item.token_digest};
    facts.permits.erase(used);
    plan->used.push_back(used);
  }
  plan->events.push_back(IssuedEvent(certificate, made, change));
  plan->statuses.push_back(StatusFor(item, certificate));
  plan->written.push_back(plan->outcomes.size());
  return CommittedEnrollment{std::move(certificate), false};
}

}  // namespace

EnrollmentPlan PlanEnrollments(absl::Span<const Enrollment* const> items,
                               EnrolledFacts facts,
                               const std::string& request_id) {
  EnrollmentPlan plan;
  plan.outcomes.reserve(items.size());
  for (const Enrollment* item : items) {
    plan.outcomes.push_back(PlanOne(*item, facts, request_id, &plan));
  }
  return plan;
}

std::vector<const IssuedCertificate*> WrittenBy(const EnrollmentPlan& plan) {
  std::vector<const IssuedCertificate*> written;
  written.reserve(plan.written.size());
  for (const size_t i : plan.written) {
    written.push_back(&plan.outcomes[i]->certificate);
  }
  return written;
}

EnrolledFacts FactsOfStrangers(absl::Span<const Enrollment* const> items) {
  EnrolledFacts facts;
  for (const Enrollment* item : items) {
    if (item->device) {
      facts.devices.products.emplace(item->device->tenant_id,
                                     item->device->product_id);
    }
  }
  return facts;
}

bool IsOfStranger(const Enrollment& item) {
  if (item.is_known || item.IsRenewal() || !item.token_digest.empty()) {
    return false;
  }
  if (!item.device) {
    return true;
  }
  const Device& device = *item.device;
  return device.tenant_id == item.certificate.tenant_id &&
         device.serial_number == item.certificate.subject &&
         device.idevid_issuer == item.certificate.ca_key_id &&
         device.idevid_cert_der == item.certificate.certificate_der &&
         device.state == DeviceState::kManufactured &&
         device.organization_id.empty() && device.group_id.empty() &&
         device.model.empty() && device.mac_addr.empty() &&
         device.ek_public_key_der.empty() && device.labels.empty() &&
         device.details == DeviceDetails() && !device.deleted_at;
}

}  // namespace masa::storage
