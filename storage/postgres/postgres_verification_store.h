// Verifications of the audit log in PostgreSQL. Each is one row, and a change
// locks it alone. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_VERIFICATION_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_VERIFICATION_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/verification_store.h"

namespace masa::storage {

class PostgresVerificationStore final : public VerificationStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresVerificationStore> New(ConnectionPool* pool);

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
  explicit PostgresVerificationStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_VERIFICATION_STORE_H_
