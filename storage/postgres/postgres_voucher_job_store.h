// Voucher jobs in PostgreSQL. A job and its batches are in one bucket, and a
// change locks the job's row alone. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_VOUCHER_JOB_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_VOUCHER_JOB_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/voucher_job_store.h"

namespace masa::storage {

class PostgresVoucherJobStore final : public VoucherJobStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresVoucherJobStore> New(ConnectionPool* pool);

  absl::StatusOr<VoucherJob> StartJob(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VoucherJob& job, const std::optional<OnceOrder>& once) override;
  absl::StatusOr<VoucherJob> GetJob(const RequestContext& context,
                                    const VoucherJobKey& key) override;
  absl::StatusOr<std::vector<VoucherJob>> ListJobs(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& before,
      int limit) override;
  absl::StatusOr<VoucherJob> ChangeJob(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VoucherJobKey& key, const VoucherJobPlan& plan,
      const std::optional<OnceOrder>& once) override;
  absl::StatusOr<std::vector<VoucherJob>> ListReady(
      const RequestContext& context, absl::Time now, int limit) override;
  absl::StatusOr<std::map<VoucherJobState, int64_t>> CountOpen(
      const RequestContext& context) override;
  absl::StatusOr<VoucherJobBatch> FindBatch(const RequestContext& context,
                                            const VoucherJobKey& key,
                                            VoucherJobPart part,
                                            int64_t offset) override;
  absl::StatusOr<std::vector<std::string>> ReadJobVouchers(
      const RequestContext& context, const std::string& request_digest,
      const std::vector<VoucherJobItem>& items) override;

 private:
  explicit PostgresVoucherJobStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_VOUCHER_JOB_STORE_H_
