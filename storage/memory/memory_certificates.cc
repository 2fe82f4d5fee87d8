#include "storage/memory/memory_certificates.h"

#include <algorithm>
#include <optional>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
absl::Status MemoryCertificates::Look() {
  return store_.Amended(absl::UnixEpoch(), [](const StoredFacts&) {
    return MemoryStore::Amendment();
  });
}

EnrolledFacts MemoryCertificates::FactsWith(
    const StoredFacts& devices, const std::string& tenant_id) const {
  EnrolledFacts facts;
  facts.devices = devices;
  for (const auto& [serial, certificate] : certificates_) {
    facts.certificates.push_back(certificate);
  }
  const auto permits = permits_.find(tenant_id);
  if (permits != permits_.end()) {
    facts.permits = permits->second;
  }
  return facts;
}

EnrollmentFacts MemoryCertificates::FactsOf(const EnrollmentQuestion& question,
                                            const StoredFacts& stored) const {
  constexpr size_t kMost = 8;
  EnrollmentFacts facts;
  for (const auto& [serial, one] : certificates_) {
    if (Passes({question.tenant_id, "", question.subject}, one)) {
      facts.certificates.push_back(one);
    }
  }
  std::stable_sort(
      facts.certificates.begin(), facts.certificates.end(),
      [](const auto& a, const auto& b) { return a.issued_at > b.issued_at; });
  facts.certificates.resize(std::min(kMost, facts.certificates.size()));
  const auto permits = permits_.find(question.tenant_id);
  if (permits != permits_.end()) {
    const auto permit =
        permits->second.find({question.subject, question.token_digest});
    if (permit != permits->second.end()) {
      facts.permit = permit->second;
    }
  }
  facts.is_registered = std::any_of(
      stored.devices.begin(), stored.devices.end(),
      [&question](const Device& device) {
        return device.tenant_id == question.tenant_id &&
               device.serial_number == question.subject && !device.deleted_at;
      });
  return facts;
}

std::vector<absl::StatusOr<EnrollmentFacts>> MemoryCertificates::Ask(
    const RequestContext& context,
    absl::Span<const EnrollmentQuestion> questions) {
  std::vector<absl::StatusOr<EnrollmentFacts>> answers;
  const absl::Status status =
      store_.Amended(absl::UnixEpoch(), [&](const StoredFacts& stored) {
        absl::MutexLock lock(&mutex_);
        for (const EnrollmentQuestion& question : questions) {
          answers.push_back(FactsOf(question, stored));
        }
        return MemoryStore::Amendment();
      });
  if (!status.ok()) {
    answers.assign(questions.size(), status);
  }
  return answers;
}

std::vector<absl::StatusOr<CommittedEnrollment>> MemoryCertificates::Enroll(
    const RequestContext& context, absl::Span<const Enrollment> items) {
  std::vector<absl::StatusOr<CommittedEnrollment>> outcomes;
  for (const Enrollment& item : items) {
    const std::string& tenant_id = item.certificate.tenant_id;
    EnrollmentPlan plan;
    const absl::Status status = store_.Amended(
        item.certificate.issued_at, [&](const StoredFacts& devices) {
          absl::MutexLock lock(&mutex_);
          plan = PlanEnrollments({&item}, FactsWith(devices, tenant_id),
                                 context.request_id);
          for (const IssuedCertificate* one : WrittenBy(plan)) {
            certificates_[one->serial] = *one;
          }
          for (const SignedStatus& one : plan.statuses) {
            statuses_[one.serial] = one;
          }
          for (const PermitKey& key : plan.used) {
            permits_[tenant_id].erase(key);
          }
          return MemoryStore::Amendment{plan.devices, plan.events};
        });
    if (status.ok()) {
      outcomes.push_back(plan.outcomes.front());
    } else {
      outcomes.push_back(status);
    }
  }
  return outcomes;
}

std::vector<absl::StatusOr<IssuedCertificate>>
MemoryCertificates::FindCertificates(const RequestContext& context,
                                     absl::Span<const std::string> serials) {
  const absl::Status status = Look();
  absl::MutexLock lock(&mutex_);
  std::vector<absl::StatusOr<IssuedCertificate>> answers;
  for (const std::string& serial : serials) {
    const auto found = certificates_.find(serial);
    if (!status.ok()) {
      answers.push_back(status);
    } else if (found == certificates_.end()) {
      answers.push_back(CertificateIsUnknown());
    } else {
      answers.push_back(found->second);
    }
  }
  return answers;
}

absl::StatusOr<std::vector<IssuedCertificate>>
MemoryCertificates::ListCertificates(const RequestContext& context,
                                     const CertificateFilter& filter,
                                     const std::string& after, int limit) {
  MASA_RETURN_IF_ERROR(Look());
  absl::MutexLock lock(&mutex_);
  std::vector<IssuedCertificate> listed;
  for (auto it = certificates_.upper_bound(after);
       it != certificates_.end() && static_cast<int>(listed.size()) < limit;
       ++it) {
    if (Passes(filter, it->second)) {
      listed.push_back(it->second);
    }
  }
  return listed;
}

absl::StatusOr<bool> MemoryCertificates::IsRepeat(
    const std::optional<OnceOrder>& once) const {
  if (!once) {
    return false;
  }
  const auto known = orders_.find({once->key.actor, once->key.request_id});
  if (known != orders_.end() && known->second != once->digest) {
    return Refuse(Reason::kRequestIdReused,
                  "this request id was used for another change");
  }
  return known != orders_.end();
}

void MemoryCertificates::Remember(const std::optional<OnceOrder>& once) {
  if (once) {
    orders_[{once->key.actor, once->key.request_id}] = once->digest;
  }
}

absl::StatusOr<IssuedCertificate> MemoryCertificates::Revoke(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const Revocation& revocation) {
  absl::StatusOr<IssuedCertificate> revoked = CertificateIsUnknown();
  const auto revoke =
      [&](const StoredFacts& stored) ABSL_EXCLUSIVE_LOCKS_REQUIRED(
          mutex_) -> absl::StatusOr<MemoryStore::Amendment> {
    const auto found = certificates_.find(revocation.serial);
    if (found == certificates_.end() ||
        found->second.tenant_id != revocation.tenant_id) {
      return CertificateIsUnknown();
    }
    MASA_ASSIGN_OR_RETURN(const bool is_repeat, IsRepeat(revocation.once));
    if (is_repeat) {
      revoked = found->second;
      return MemoryStore::Amendment();
    }
    MASA_ASSIGN_OR_RETURN(
        const RevocationPlan plan,
        PlanRevocation(found->second, stored.devices, revocation,
                       {actor, at, context.request_id}));
    found->second = plan.certificate;
    statuses_[revocation.serial].renew_at = *plan.certificate.revoked_at;
    revoked = plan.certificate;
    Remember(revocation.once);
    return MemoryStore::Amendment{plan.devices, plan.events};
  };
  MASA_RETURN_IF_ERROR(store_.Amended(at, [&](const StoredFacts& stored) {
    absl::MutexLock lock(&mutex_);
    auto amendment = revoke(stored);
    if (!amendment.ok()) {
      revoked = amendment.status();
      return MemoryStore::Amendment();
    }
    return *std::move(amendment);
  }));
  return revoked;
}

absl::StatusOr<std::vector<IssuedCertificate>> MemoryCertificates::ListRevoked(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& ca_key_id, absl::Time now) {
  MASA_RETURN_IF_ERROR(Look());
  absl::MutexLock lock(&mutex_);
  std::vector<IssuedCertificate> listed;
  for (const auto& [serial, one] : certificates_) {
    if (Passes({tenant_id, "", "", true}, one) && one.ca_key_id == ca_key_id &&
        one.not_after >= now) {
      listed.push_back(one);
    }
  }
  if (listed.size() > static_cast<size_t>(kMostRevoked)) {
    return TooManyRevoked();
  }
  return listed;
}

absl::Status MemoryCertificates::AddPermits(const RequestContext& context,
                                            const std::string& actor,
                                            absl::Time at,
                                            const PermitBatch& batch) {
  MASA_RETURN_IF_ERROR(CheckPermits(batch));
  absl::Status outcome;
  const absl::Status status = store_.Amended(at, [&](const StoredFacts&) {
    absl::MutexLock lock(&mutex_);
    const auto is_repeat = IsRepeat(batch.once);
    outcome = is_repeat.status();
    if (!is_repeat.ok() || *is_repeat) {
      return MemoryStore::Amendment();
    }
    auto& permits = permits_[batch.tenant_id];
    std::erase_if(permits, [at](const auto& entry) {
      return entry.second.expires_at <= at;
    });
    for (const std::string& subject : batch.subjects) {
      permits.try_emplace({subject, batch.token_digest},
                          Permit{batch.profile, ToMicros(batch.expires_at)});
    }
    Remember(batch.once);
    return MemoryStore::Amendment{
        {}, {PermitEvent(batch, {actor, at, context.request_id})}};
  });
  return status.ok() ? outcome : status;
}

}  // namespace masa::storage
