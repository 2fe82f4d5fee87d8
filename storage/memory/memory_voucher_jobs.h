// Voucher jobs in memory, beside the store that has their vouchers: same
// answers as PostgreSQL (storage/contract), with failure hooks. Thread-safe;
// never blocks for long.
#ifndef STORAGE_MEMORY_MEMORY_VOUCHER_JOBS_H_
#define STORAGE_MEMORY_MEMORY_VOUCHER_JOBS_H_

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/audit_event.h"
#include "storage/memory/memory_store.h"
#include "storage/voucher_job_store.h"

namespace masa::storage {

class MemoryVoucherJobs final : public VoucherJobStore {
 public:
  // Outlives this.
  explicit MemoryVoucherJobs(IssuanceLog& log) : log_(log) {}

  // The next call fails like this.
  void FailNext(MemoryStore::Failure failure);
  // Every call fails unstored until it is called with false.
  void Stop(bool stopped);
  // Every event so far, in the order of writing.
  std::vector<AuditEvent> Events() const;
  // How many calls were answered or failed.
  int Calls() const;

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
  enum class Fate { kAnswer, kUnstored, kStored };

  Fate NextFate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the id stands for; kRequestIdReused when that is another order.
  absl::StatusOr<std::optional<OnceResult>> Repeated(
      const std::optional<OnceOrder>& once) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Remember(const std::optional<OnceOrder>& once, const std::string& result)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  IssuanceLog& log_;
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<MemoryStore::Failure> failure_ ABSL_GUARDED_BY(mutex_);
  // By (tenant, id).
  std::map<std::pair<std::string, std::string>, VoucherJob> jobs_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, std::vector<VoucherJobBatch>>
      batches_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string, std::string>, OnceResult>
      results_ ABSL_GUARDED_BY(mutex_);
  std::vector<AuditEvent> events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::storage

#endif  // STORAGE_MEMORY_MEMORY_VOUCHER_JOBS_H_
