// Verifications of the audit log in memory, beside the log that has their
// events: same answers as PostgreSQL (storage/contract), with a failure hook.
// Thread-safe.
#ifndef STORAGE_MEMORY_MEMORY_VERIFICATIONS_H_
#define STORAGE_MEMORY_MEMORY_VERIFICATIONS_H_

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/memory/memory_audit_log.h"
#include "storage/verification_store.h"

namespace masa::storage {

class MemoryVerifications final : public VerificationStore {
 public:
  // Outlives this.
  explicit MemoryVerifications(MemoryAuditLog& log) : log_(log) {}

  // The next call fails with kStoreUnavailable; when `stored`, all was done,
  // but the answer got lost.
  void FailOnce(bool stored);

  absl::StatusOr<AuditVerification> StartVerification(
      const RequestContext& context, absl::Time at,
      const AuditVerification& verification,
      const std::optional<OnceOrder>& once) override;
  absl::StatusOr<AuditVerification> GetVerification(
      const RequestContext& context, const VerificationKey& key) override;
  absl::StatusOr<std::vector<AuditVerification>> ListVerifications(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& before, int limit) override;
  absl::StatusOr<AuditVerification> ChangeVerification(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VerificationKey& key, const VerificationPlan& plan) override;
  absl::StatusOr<std::vector<AuditVerification>> ListReadyVerifications(
      const RequestContext& context, absl::Time now, int limit) override;

 private:
  // Whether the call fails before anything, or after all.
  bool FailsBefore() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool FailsAfter() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return failing_;
  }
  void Log(const char* kind, const AuditVerification& verification,
           const Change& change);

  MemoryAuditLog& log_;
  absl::Mutex mutex_;
  std::optional<bool> failure_ ABSL_GUARDED_BY(mutex_);  // stored, or not
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  // By (tenant, id).
  std::map<std::pair<std::string, std::string>, AuditVerification>
      verifications_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string, std::string>, OnceResult>
      results_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_VERIFICATIONS_H_
