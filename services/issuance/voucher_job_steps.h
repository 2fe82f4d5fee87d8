// How a voucher job goes on: what each step makes of its record as it is
// stored. A step of somebody whose lease is over changes nothing
// (kStoreConflict): somebody else goes on. Pure.
#ifndef SERVICES_ISSUANCE_VOUCHER_JOB_STEPS_H_
#define SERVICES_ISSUANCE_VOUCHER_JOB_STEPS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/owned_devices.h"
#include "storage/voucher_job_store.h"

namespace masa::issuance {

// How long nobody else may run a job after each step of who does.
inline constexpr absl::Duration kLease = absl::Seconds(10);

// So many refused devices are told with the job itself.
inline constexpr int kFirstRefused = 20;

// Who steps, and when.
struct JobStep {
  std::string holder;  // 16 octets
  absl::Time now;
};

// What one batch came to.
struct JobBatch {
  storage::VoucherJobItems items;  // may be empty: the place alone moves
  storage::DevicePlace place;      // go on behind it
  std::string request_digest;      // of its vouchers
  absl::Duration took;
};

// Takes the job, to run it until the lease ends. kStoreConflict while somebody
// else does, or while it rests.
storage::VoucherJobPlan TakeJob(const JobStep& step);

// How far devices are counted: `count` more, up to `next`; up to the end when
// that is none.
storage::VoucherJobPlan KeepCount(
    const JobStep& step, int64_t count,
    const std::optional<storage::DevicePlace>& next);

// Adds the batch behind `batches` others, and keeps the lease.
storage::VoucherJobPlan AddBatch(const JobStep& step, int32_t batches,
                                 const JobBatch& batch);

// Gives the lease back: the job waits for its next turn.
storage::VoucherJobPlan ReleaseJob(const JobStep& step);

// The same, but nobody takes it before it has rested: a second, and twice as
// long each time until a batch is added, at most a minute; longer where the
// refusal says so, up to ten minutes.
storage::VoucherJobPlan RestJob(const JobStep& step, const absl::Status& why);

// The job's end, with an event: cancelled when that was asked for, else failed
// when `failure` is not OK.
storage::VoucherJobPlan EndJob(const JobStep& step,
                               const absl::Status& failure);

// Asks it to end, with an event. kJobEnded.
storage::VoucherJobPlan CancelJob(absl::Time now);

// Is this a reason that passes, so that a job rests and tries again?
bool Passes(const absl::Status& status);

// How many devices the next batch takes: 256, and half of that after each rest,
// so that a slow signer gets a batch done within the lease.
int BatchSizeOf(const storage::VoucherJob& job);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_JOB_STEPS_H_
