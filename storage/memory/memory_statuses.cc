// MemoryCertificates as a StatusStore.
#include <algorithm>

#include "services/status/macros.h"
#include "storage/memory/memory_certificates.h"
#include "storage/record_checks.h"
#include "storage/status_rules.h"

namespace masa::storage {

absl::StatusOr<CertificateStatus> MemoryCertificates::FindStatus(
    const RequestContext& context, const std::string& serial) {
  MASA_RETURN_IF_ERROR(Look());
  absl::MutexLock lock(&mutex_);
  const auto found = certificates_.find(serial);
  if (found == certificates_.end()) {
    return CertificateIsUnknown();
  }
  CertificateStatus status{found->second};
  const auto kept = statuses_.find(serial);
  if (kept != statuses_.end() && Holds(kept->second, found->second)) {
    status.signed_ahead = kept->second;
  }
  return status;
}

absl::StatusOr<std::vector<IssuedCertificate>> MemoryCertificates::TakeTurns(
    const RequestContext& context, const TurnOrder& order) {
  MASA_RETURN_IF_ERROR(Look());
  absl::MutexLock lock(&mutex_);
  std::vector<SignedStatus*> due;
  for (auto& [serial, status] : statuses_) {
    if (status.renew_at <= order.now) {
      due.push_back(&status);
    }
  }
  std::stable_sort(due.begin(), due.end(), [](const auto* a, const auto* b) {
    return a->renew_at < b->renew_at;
  });
  due.resize(std::min(due.size(), static_cast<size_t>(order.limit)));
  std::vector<IssuedCertificate> taken;
  for (SignedStatus* status : due) {
    status->renew_at = ToMicros(order.until);
    const auto certificate = certificates_.find(status->serial);
    if (certificate != certificates_.end()) {
      taken.push_back(certificate->second);
    }
  }
  return taken;
}

absl::Status MemoryCertificates::KeepStatuses(
    const RequestContext& context, absl::Span<const SignedStatus> statuses) {
  MASA_RETURN_IF_ERROR(CheckStatuses(statuses));
  MASA_RETURN_IF_ERROR(Look());
  absl::MutexLock lock(&mutex_);
  for (const SignedStatus& one : statuses) {
    SignedStatus& kept = statuses_[one.serial];
    kept = one;
    kept.next_update = ToMicros(one.next_update);
    kept.renew_at = ToMicros(one.renew_at);
  }
  return absl::OkStatus();
}

}  // namespace masa::storage
