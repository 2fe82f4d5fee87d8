#include "storage/memory/memory_verifications.h"

#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

void MemoryVerifications::FailOnce(bool stored) {
  absl::MutexLock lock(&mutex_);
  failure_ = stored;
}

bool MemoryVerifications::FailsBefore() {
  const std::optional<bool> failure = std::exchange(failure_, std::nullopt);
  failing_ = failure.value_or(false);
  return failure.has_value() && !*failure;
}

void MemoryVerifications::Log(const char* kind,
                              const AuditVerification& verification,
                              const Change& change) {
  log_.Add({LogEventOf(VerificationEvent(kind, verification, change),
                       {change.actor, change.request_id, NewSalt()})});
}

absl::StatusOr<AuditVerification> MemoryVerifications::StartVerification(
    const RequestContext& context, absl::Time at,
    const AuditVerification& verification,
    const std::optional<OnceOrder>& once) {
  MASA_RETURN_IF_ERROR(CheckVerification(verification));
  absl::MutexLock lock(&mutex_);
  if (FailsBefore()) {
    return Unavailable();
  }
  if (once) {
    const auto known = results_.find(
        {once->key.tenant_id, once->key.actor, once->key.request_id});
    if (known != results_.end()) {
      return known->second.digest == once->digest
                 ? absl::StatusOr<AuditVerification>(verifications_.at(
                       {verification.tenant_id(), known->second.result}))
                 : Refuse(Reason::kRequestIdReused,
                          "request_id was used for another call");
    }
    results_[{once->key.tenant_id, once->key.actor, once->key.request_id}] = {
        once->digest, verification.verification_id()};
  }
  verifications_[{verification.tenant_id(), verification.verification_id()}] =
      verification;
  Log(kAuditVerificationStarted, verification,
      {verification.actor(), at, context.request_id});
  return FailsAfter() ? absl::StatusOr<AuditVerification>(Unavailable())
                      : verification;
}

absl::StatusOr<AuditVerification> MemoryVerifications::GetVerification(
    const RequestContext& context, const VerificationKey& key) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  const auto found = verifications_.find({key.tenant_id, key.verification_id});
  return found == verifications_.end()
             ? absl::StatusOr<AuditVerification>(VerificationUnknown())
             : found->second;
}

absl::StatusOr<std::vector<AuditVerification>>
MemoryVerifications::ListVerifications(const RequestContext& context,
                                       const std::string& tenant_id,
                                       const std::string& before, int limit) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  std::vector<AuditVerification> found;
  for (auto at = verifications_.rbegin(); at != verifications_.rend(); ++at) {
    if (at->first.first == tenant_id &&
        (before.empty() || at->first.second < before) &&
        static_cast<int>(found.size()) < limit) {
      found.push_back(at->second);
    }
  }
  return found;
}

absl::StatusOr<AuditVerification> MemoryVerifications::ChangeVerification(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VerificationKey& key, const VerificationPlan& plan) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore()) {
    return Unavailable();
  }
  const auto found = verifications_.find({key.tenant_id, key.verification_id});
  if (found == verifications_.end()) {
    return VerificationUnknown();
  }
  MASA_ASSIGN_OR_RETURN(const VerificationChange change, plan(found->second));
  found->second = change.verification;
  if (change.event_kind != nullptr) {
    Log(change.event_kind, change.verification,
        {actor, at, context.request_id});
  }
  return FailsAfter() ? absl::StatusOr<AuditVerification>(Unavailable())
                      : change.verification;
}

absl::StatusOr<std::vector<AuditVerification>>
MemoryVerifications::ListReadyVerifications(const RequestContext& context,
                                            absl::Time now, int limit) {
  absl::MutexLock lock(&mutex_);
  if (FailsBefore() || FailsAfter()) {
    return Unavailable();
  }
  std::vector<AuditVerification> ready;
  for (const auto& [key, verification] : verifications_) {
    const auto at = ReadyAt(verification);
    if (at && *at <= now) {
      ready.push_back(verification);
    }
  }
  std::stable_sort(ready.begin(), ready.end(),
                   [](const AuditVerification& a, const AuditVerification& b) {
                     return *ReadyAt(a) < *ReadyAt(b);
                   });
  ready.resize(std::min(ready.size(), static_cast<size_t>(std::max(limit, 0))));
  return ready;
}

}  // namespace masa::storage
