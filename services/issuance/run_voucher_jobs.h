// Runs voucher jobs, batch by batch. A batch is listed, issued and added to the
// job, in this order: whoever goes on after a process died between the last
// two issues the same orders again under the job's id, and gets the vouchers
// of then.
#ifndef SERVICES_ISSUANCE_RUN_VOUCHER_JOBS_H_
#define SERVICES_ISSUANCE_RUN_VOUCHER_JOBS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/issuance/registry_desk.h"
#include "services/issuance/tools.h"
#include "services/issuance/voucher_job_steps.h"
#include "services/observe/request_context.h"
#include "storage/voucher_job_store.h"

namespace masa::issuance {

// What one turn did.
struct VoucherJobTurn {
  bool worked = false;  // false: no job waits
  int64_t issued = 0;
  int64_t refused = 0;
  absl::Status rested;  // why the job rests
};

// One thread at a time.
class RunVoucherJobs {
 public:
  // All outlive this. `holder` is this process's name among those that run
  // jobs, 16 octets.
  RunVoucherJobs(const Tools& tools, storage::VoucherJobStore& jobs,
                 RegistryDesk& registry, std::string holder)
      : tools_(tools),
        jobs_(jobs),
        registry_(registry),
        holder_(std::move(holder)) {}

  // Gives the job that has waited longest a turn: at most 16 batches, so that
  // jobs of other tenants get theirs. Ends early, between batches, when
  // `stopping` says so. An error of the store leaves the job to the next turn,
  // here or elsewhere.
  absl::StatusOr<VoucherJobTurn> RunTurn(const std::function<bool()>& stopping);

  // How many have not ended.
  absl::StatusOr<std::map<storage::VoucherJobState, int64_t>> CountOpen() {
    return jobs_.CountOpen(Context("voucher-jobs"));
  }

 private:
  RequestContext Context(const std::string& request_id) const;
  JobStep Step() const { return {holder_, tools_.clock.Now()}; }

  // The job that waits longest, taken; without an id when none waits.
  absl::StatusOr<storage::VoucherJob> Take();
  absl::Status Change(storage::VoucherJob& job,
                      const storage::VoucherJobPlan& plan);
  // Some of the devices, so that what is left can be told.
  absl::Status CountDevices(storage::VoucherJob& job);
  // One batch, and the job's end behind the last one.
  absl::Status RunBatch(storage::VoucherJob& job, VoucherJobTurn& turn);
  absl::Status RunBatches(storage::VoucherJob& job, VoucherJobTurn& turn,
                          const std::function<bool()>& stopping);
  absl::StatusOr<JobBatch> Issue(const storage::VoucherJob& job,
                                 const storage::DevicePage& page);

  const Tools tools_;
  storage::VoucherJobStore& jobs_;
  RegistryDesk& registry_;
  const std::string holder_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RUN_VOUCHER_JOBS_H_
