// Certificates that we issued, in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_CERTIFICATE_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_CERTIFICATE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/certificate_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresCertificateStore final : public CertificateStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresCertificateStore> New(ConnectionPool* pool);

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

 private:
  using Items = std::vector<const Enrollment*>;  // of one tenant
  using Outcomes = std::vector<absl::StatusOr<CommittedEnrollment>>;

  explicit PostgresCertificateStore(ConnectionPool* pool) : pool_(pool) {}
  // In one transaction; each alone where a row is refused. Looks first what
  // stands, unless nobody has heard of any of them.
  Outcomes EnrollTogether(const RequestContext& context, const Items& items);
  // In one statement that looks at nothing; no outcomes, and nothing stored,
  // where somebody has heard of one of them.
  absl::StatusOr<Outcomes> EnrollStrangers(const RequestContext& context,
                                           const Items& items);
  absl::StatusOr<Outcomes> EnrollLocked(const RequestContext& context,
                                        const Items& items);

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_CERTIFICATE_STORE_H_
