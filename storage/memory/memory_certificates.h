// Certificates that we issued and what was signed of them, in memory, beside
// the store that has their devices: same answers as PostgreSQL
// (storage/contract). It fails when that store does. Thread-safe; never blocks
// for long.
#ifndef STORAGE_MEMORY_MEMORY_CERTIFICATES_H_
#define STORAGE_MEMORY_MEMORY_CERTIFICATES_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/certificate_rules.h"
#include "storage/enrollment_plan.h"
#include "storage/memory/memory_store.h"
#include "storage/status_store.h"

namespace masa::storage {

class MemoryCertificates final : public CertificateStore, public StatusStore {
 public:
  // Outlives this.
  explicit MemoryCertificates(MemoryStore& store) : store_(store) {}

  std::vector<absl::StatusOr<EnrollmentFacts>> Ask(
      const RequestContext& context,
      absl::Span<const EnrollmentQuestion> questions) override;
  std::vector<absl::StatusOr<CommittedEnrollment>> Enroll(
      const RequestContext& context,
      absl::Span<const Enrollment> items) override;
  std::vector<absl::StatusOr<IssuedCertificate>> FindCertificates(
      const RequestContext& context,
      absl::Span<const std::string> serials) override;
  absl::StatusOr<std::vector<IssuedCertificate>> ListCertificates(
      const RequestContext& context, const CertificateFilter& filter,
      const std::string& after, int limit) override;
  absl::StatusOr<IssuedCertificate> Revoke(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const Revocation& revocation) override;
  absl::StatusOr<std::vector<IssuedCertificate>> ListRevoked(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& ca_key_id, absl::Time now) override;
  absl::Status AddPermits(const RequestContext& context,
                          const std::string& actor, absl::Time at,
                          const PermitBatch& batch) override;

  absl::StatusOr<CertificateStatus> FindStatus(
      const RequestContext& context, const std::string& serial) override;
  absl::StatusOr<std::vector<IssuedCertificate>> TakeTurns(
      const RequestContext& context, const TurnOrder& order) override;
  absl::Status KeepStatuses(const RequestContext& context,
                            absl::Span<const SignedStatus> statuses) override;

 private:
  // kStoreUnavailable when the other store cannot answer.
  absl::Status Look();
  EnrollmentFacts FactsOf(const EnrollmentQuestion& question,
                          const StoredFacts& stored) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  EnrolledFacts FactsWith(const StoredFacts& devices,
                          const std::string& tenant_id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // kRequestIdReused when the id stands for something else.
  absl::StatusOr<bool> IsRepeat(const std::optional<OnceOrder>& once) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Remember(const std::optional<OnceOrder>& once)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  MemoryStore& store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, IssuedCertificate> certificates_  // by serial number
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, SignedStatus> statuses_  // by serial number
      ABSL_GUARDED_BY(mutex_);
  // By tenant.
  std::map<std::string, std::map<PermitKey, Permit>> permits_
      ABSL_GUARDED_BY(mutex_);
  // The digest of what each caller's own id stands for.
  std::map<std::pair<std::string, std::string>, std::string> orders_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_CERTIFICATES_H_
