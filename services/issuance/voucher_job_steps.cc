#include "services/issuance/voucher_job_steps.h"

#include <algorithm>
#include <utility>

#include "services/issuance/voucher_archive.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using storage::VoucherJob;
using storage::VoucherJobChange;
using storage::VoucherJobPlan;
using storage::v1::VOUCHER_JOB_STATE_CANCELLED;
using storage::v1::VOUCHER_JOB_STATE_CANCELLING;
using storage::v1::VOUCHER_JOB_STATE_FAILED;
using storage::v1::VOUCHER_JOB_STATE_PENDING;
using storage::v1::VOUCHER_JOB_STATE_RUNNING;
using storage::v1::VOUCHER_JOB_STATE_SUCCEEDED;

constexpr int kLargestBatch = 256;
constexpr int kMostHalvings = 8;  // a batch has one device at least
constexpr absl::Duration kLongestRest = absl::Minutes(1);
constexpr absl::Duration kLongestAsked = absl::Minutes(10);

int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }

bool HasEnded(const VoucherJob& job) {
  return job.state() == VOUCHER_JOB_STATE_SUCCEEDED ||
         job.state() == VOUCHER_JOB_STATE_CANCELLED ||
         job.state() == VOUCHER_JOB_STATE_FAILED;
}

absl::Status TakenByAnother() {
  return Refuse(Reason::kStoreConflict,
                "another process runs this job, or it has ended");
}

absl::Status CheckHolds(const VoucherJob& job, const JobStep& step) {
  return !HasEnded(job) && job.holder() == step.holder ? absl::OkStatus()
                                                       : TakenByAnother();
}

// The job as the holder changes it.
VoucherJob Stepped(const VoucherJob& stored, const JobStep& step) {
  VoucherJob job = stored;
  job.set_updated_at(Micros(step.now));
  return job;
}

void Release(VoucherJob& job) {
  job.clear_holder();
  job.clear_lease_until();
}

// It goes on: what it rested for is over.
void EndRests(VoucherJob& job) {
  job.clear_rests();
  job.clear_rest_until();
  job.clear_rest_reason();
  job.clear_rest_message();
}

void CountItems(const JobBatch& batch, VoucherJob& job) {
  for (const storage::VoucherJobItem& item : batch.items.items()) {
    if (IsIssued(item)) {
      job.set_issued(job.issued() + 1);
      continue;
    }
    job.set_refused(job.refused() + 1);
    if (job.first_refused_size() < kFirstRefused) {
      *job.add_first_refused() = item;
    }
  }
}

// The batch with its places in the archive.
storage::VoucherJobBatch PlaceBatch(const JobBatch& batch, VoucherJob& job) {
  const auto format = static_cast<masa::v1::Format>(job.terms().format());
  storage::VoucherJobBatch placed{job.batches(), job.file_octets(),
                                  job.manifest_octets(), batch.items};
  job.set_file_octets(job.file_octets() + FileOctets(batch.items));
  job.set_manifest_octets(
      job.manifest_octets() +
      static_cast<int64_t>(
          ManifestLines(batch.items, format, job.manifest_octets() == 0)
              .size()));
  job.set_batches(job.batches() + 1);
  return placed;
}

absl::Duration RestOf(int rests, const absl::Status& why) {
  const absl::Duration usual =
      rests >= 6 ? kLongestRest : absl::Seconds(int64_t{1} << rests);
  return std::max(usual, std::min(WaitOf(why).value_or(absl::ZeroDuration()),
                                  kLongestAsked));
}

}  // namespace

VoucherJobPlan TakeJob(const JobStep& step) {
  return [step](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    const int64_t now = Micros(step.now);
    const bool rests = stored.state() != VOUCHER_JOB_STATE_CANCELLING &&
                       stored.rest_until() > now;
    if (HasEnded(stored) || rests ||
        (!stored.holder().empty() && stored.lease_until() > now)) {
      return TakenByAnother();
    }
    VoucherJobChange change{Stepped(stored, step)};
    change.job.set_holder(step.holder);
    change.job.set_lease_until(Micros(step.now + kLease));
    if (stored.state() == VOUCHER_JOB_STATE_PENDING) {
      change.job.set_state(VOUCHER_JOB_STATE_RUNNING);
      change.job.set_started_at(now);
    }
    return change;
  };
}

VoucherJobPlan KeepCount(const JobStep& step, int64_t count,
                         const std::optional<storage::DevicePlace>& next) {
  return [=](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    MASA_RETURN_IF_ERROR(CheckHolds(stored, step));
    VoucherJobChange change{Stepped(stored, step)};
    VoucherJob& job = change.job;
    job.set_lease_until(Micros(step.now + kLease));
    job.set_counted(stored.counted() + count);
    if (next) {
      job.set_count_bucket(next->bucket);
      job.set_count_device_id(next->device_id);
    } else {
      job.set_total(job.counted());
    }
    return change;
  };
}

VoucherJobPlan AddBatch(const JobStep& step, int32_t batches,
                        const JobBatch& batch) {
  return [=](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    MASA_RETURN_IF_ERROR(CheckHolds(stored, step));
    if (stored.batches() != batches) {
      return TakenByAnother();
    }
    VoucherJobChange change{Stepped(stored, step)};
    VoucherJob& job = change.job;
    EndRests(job);
    job.set_lease_until(Micros(step.now + kLease));
    job.set_cursor_bucket(batch.place.bucket);
    job.set_cursor_device_id(batch.place.device_id);
    job.set_worked_micros(job.worked_micros() +
                          absl::ToInt64Microseconds(batch.took));
    if (!batch.request_digest.empty()) {
      job.set_request_digest(batch.request_digest);
    }
    if (batch.items.items_size() > 0) {
      CountItems(batch, job);
      change.batch = PlaceBatch(batch, job);
    }
    return change;
  };
}

VoucherJobPlan ReleaseJob(const JobStep& step) {
  return [step](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    MASA_RETURN_IF_ERROR(CheckHolds(stored, step));
    VoucherJobChange change{Stepped(stored, step)};
    Release(change.job);
    return change;
  };
}

VoucherJobPlan RestJob(const JobStep& step, const absl::Status& why) {
  return [=](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    MASA_RETURN_IF_ERROR(CheckHolds(stored, step));
    VoucherJobChange change{Stepped(stored, step)};
    VoucherJob& job = change.job;
    Release(job);
    job.set_rest_until(Micros(step.now + RestOf(stored.rests(), why)));
    job.set_rests(stored.rests() + 1);
    job.set_rest_reason(std::string(InfoOf(ReasonOf(why)).name));
    job.set_rest_message(PublicMessage(why));
    return change;
  };
}

VoucherJobPlan EndJob(const JobStep& step, const absl::Status& failure) {
  return [=](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    MASA_RETURN_IF_ERROR(CheckHolds(stored, step));
    VoucherJobChange change{
        Stepped(stored, step), {}, storage::kVoucherJobEnded};
    VoucherJob& job = change.job;
    Release(job);
    EndRests(job);
    job.set_ended_at(Micros(step.now));
    if (stored.state() == VOUCHER_JOB_STATE_CANCELLING) {
      job.set_state(VOUCHER_JOB_STATE_CANCELLED);
    } else if (failure.ok()) {
      job.set_state(VOUCHER_JOB_STATE_SUCCEEDED);
    } else {
      job.set_state(VOUCHER_JOB_STATE_FAILED);
      job.set_failure_reason(std::string(InfoOf(ReasonOf(failure)).name));
      job.set_failure_message(PublicMessage(failure));
    }
    return change;
  };
}

VoucherJobPlan CancelJob(absl::Time now) {
  return [now](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    VoucherJobChange change{stored};
    if (stored.state() == VOUCHER_JOB_STATE_CANCELLING ||
        stored.state() == VOUCHER_JOB_STATE_CANCELLED) {
      return change;
    }
    if (HasEnded(stored)) {
      return Refuse(Reason::kJobEnded,
                    "the job has ended; what it issued stays");
    }
    change.job.set_state(VOUCHER_JOB_STATE_CANCELLING);
    change.job.set_updated_at(Micros(now));
    change.event_kind = storage::kVoucherJobCancelled;
    return change;
  };
}

bool Passes(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case Reason::kOverloaded:
    case Reason::kRateLimited:
    case Reason::kQuotaExceeded:
    case Reason::kDeadlineExceeded:
    case Reason::kDraining:
    case Reason::kSignerUnavailable:
    case Reason::kStoreUnavailable:
    case Reason::kStoreConflict:
    case Reason::kKeyUnknown:
    case Reason::kMisconfigured:
      return true;
    default:
      return false;
  }
}

int BatchSizeOf(const VoucherJob& job) {
  return kLargestBatch >> std::clamp(job.rests(), 0, kMostHalvings);
}

}  // namespace masa::issuance
