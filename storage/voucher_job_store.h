// The promise of voucher jobs: what was asked for, how far each has come, and
// what became of each device. The vouchers themselves are written by the
// IssuanceLog. How a job goes on is decided outside, by plans on the record as
// it is stored. Thread-safe; blocks; never stale. kStoreUnavailable when the
// store cannot answer.
#ifndef STORAGE_VOUCHER_JOB_STORE_H_
#define STORAGE_VOUCHER_JOB_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/storage/v1/voucher_job.pb.h"
#include "services/observe/request_context.h"
#include "storage/once.h"

namespace masa::storage {

using v1::VoucherJob;
using v1::VoucherJobItem;
using v1::VoucherJobItems;
using v1::VoucherJobState;
using v1::VoucherJobTerms;

// What the audit log says of jobs.
inline constexpr char kVoucherJobStarted[] = "voucher-job-started";
inline constexpr char kVoucherJobCancelled[] = "voucher-job-cancelled";
inline constexpr char kVoucherJobEnded[] = "voucher-job-ended";

struct VoucherJobKey {
  std::string tenant_id;
  std::string job_id;  // 16 octets
};

// The outcomes of one batch.
struct VoucherJobBatch {
  int32_t number = 0;  // the first is 0
  // Octets of all files, and of all lines of the manifest, before it.
  int64_t file_begin = 0;
  int64_t manifest_begin = 0;
  VoucherJobItems items;
};

struct VoucherJobChange {
  VoucherJob job;                             // as it shall stand
  std::optional<VoucherJobBatch> batch = {};  // that it adds
  const char* event_kind = nullptr;           // null: no event
};

// Pure; it may be called again.
using VoucherJobPlan =
    std::function<absl::StatusOr<VoucherJobChange>(const VoucherJob& stored)>;

// Which octets of the archive an offset counts.
enum class VoucherJobPart { kFiles = 1, kManifest = 2 };

class VoucherJobStore {
 public:
  virtual ~VoucherJobStore() = default;

  // Durable on return, with an audit event. A repeat under `once` is answered
  // with the job of then, as it is now; kRequestIdReused for another one.
  virtual absl::StatusOr<VoucherJob> StartJob(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VoucherJob& job, const std::optional<OnceOrder>& once) = 0;

  // kJobUnknown.
  virtual absl::StatusOr<VoucherJob> GetJob(const RequestContext& context,
                                            const VoucherJobKey& key) = 0;

  // The tenant's jobs that accounts of the organisation started (empty: all
  // jobs), newest first, before the one with the id `before` (empty: none), at
  // most `limit`.
  virtual absl::StatusOr<std::vector<VoucherJob>> ListJobs(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& before,
      int limit) = 0;

  // Writes what `plan` makes of the record: durable on return, with its batch
  // and its audit event in one transaction. kJobUnknown, and what the plan
  // says. A repeat under `once` plans nothing and is answered with the job as
  // it is; kRequestIdReused. Not for keys, tenant and terms.
  virtual absl::StatusOr<VoucherJob> ChangeJob(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const VoucherJobKey& key, const VoucherJobPlan& plan,
      const std::optional<OnceOrder>& once = {}) = 0;

  // Jobs of all tenants that nobody runs and that rest no more, those first
  // that have waited longest, at most `limit`.
  virtual absl::StatusOr<std::vector<VoucherJob>> ListReady(
      const RequestContext& context, absl::Time now, int limit) = 0;

  // How many have not ended, of all tenants.
  virtual absl::StatusOr<std::map<VoucherJobState, int64_t>> CountOpen(
      const RequestContext& context) = 0;

  // The batch that has this octet of the files, or of the manifest's lines.
  // kJobResultGone when there is none.
  virtual absl::StatusOr<VoucherJobBatch> FindBatch(
      const RequestContext& context, const VoucherJobKey& key,
      VoucherJobPart part, int64_t offset) = 0;

  // The octets of the job's voucher for each item, which has one.
  // kJobResultGone when one is not kept any more.
  virtual absl::StatusOr<std::vector<std::string>> ReadJobVouchers(
      const RequestContext& context, const std::string& request_digest,
      const std::vector<VoucherJobItem>& items) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_VOUCHER_JOB_STORE_H_
