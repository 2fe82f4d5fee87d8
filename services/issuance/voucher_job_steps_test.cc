// How a job goes on: who may step, and what a step makes of the record.
#include "services/issuance/voucher_job_steps.h"

#include "gtest/gtest.h"
#include "services/issuance/voucher_archive.h"
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

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

JobStep Mine(absl::Duration later = absl::ZeroDuration()) {
  return {std::string(16, 'm'), kNow + later};
}
JobStep Theirs() { return {std::string(16, 't'), kNow}; }

VoucherJob Pending() {
  VoucherJob job;
  job.set_tenant_id("a");
  job.set_job_id(std::string(16, 'j'));
  job.set_state(VOUCHER_JOB_STATE_PENDING);
  return job;
}

VoucherJob After(const VoucherJob& job, const VoucherJobPlan& plan) {
  const auto change = plan(job);
  EXPECT_TRUE(change.ok()) << change.status();
  return change.ok() ? change->job : job;
}

VoucherJob Running() { return After(Pending(), TakeJob(Mine())); }

JobBatch BatchOf(int issued, int refused) {
  JobBatch batch;
  for (int i = 0; i < issued + refused; ++i) {
    auto* item = batch.items.add_items();
    item->set_serial_number(std::to_string(i));
    item->set_octets(100);
    item->set_reason(i < issued ? "" : "DEVICE_BLOCKED");
  }
  batch.place = {7, "d"};
  batch.request_digest = "digest";
  batch.took = absl::Seconds(2);
  return batch;
}

TEST(VoucherJobSteps, AJobIsTakenByOneUntilItsLeaseEnds) {
  const VoucherJob job = Running();
  EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_RUNNING);
  EXPECT_EQ(job.started_at(), absl::ToUnixMicros(kNow));
  EXPECT_EQ(ReasonOf(TakeJob(Theirs())(job).status()), Reason::kStoreConflict);
  JobStep late = Theirs();
  late.now = kNow + kLease;
  const VoucherJob taken = After(job, TakeJob(late));
  EXPECT_EQ(taken.holder(), late.holder);
  EXPECT_EQ(taken.started_at(), job.started_at());
}

// A process that was taken for dead writes nothing any more.
TEST(VoucherJobSteps, WhoLostTheLeaseChangesNothing) {
  JobStep late = Theirs();
  late.now = kNow + kLease;
  const VoucherJob job = After(Running(), TakeJob(late));
  for (const VoucherJobPlan& plan :
       {KeepCount(Mine(), 1, std::nullopt), AddBatch(Mine(), 0, BatchOf(1, 0)),
        ReleaseJob(Mine()), RestJob(Mine(), absl::OkStatus()),
        EndJob(Mine(), absl::OkStatus())}) {
    EXPECT_EQ(ReasonOf(plan(job).status()), Reason::kStoreConflict);
  }
}

TEST(VoucherJobSteps, ABatchCountsOnceAndMovesThePlace) {
  const VoucherJob job = Running();
  const auto change = AddBatch(Mine(absl::Seconds(3)), 0, BatchOf(2, 1))(job);
  ASSERT_TRUE(change.ok()) << change.status();
  const VoucherJob& added = change->job;
  EXPECT_EQ(added.issued(), 2);
  EXPECT_EQ(added.refused(), 1);
  EXPECT_EQ(added.cursor_bucket(), 7);
  EXPECT_EQ(added.cursor_device_id(), "d");
  EXPECT_EQ(added.worked_micros(), 2'000'000);
  EXPECT_EQ(added.request_digest(), "digest");
  EXPECT_EQ(added.lease_until(),
            absl::ToUnixMicros(kNow + absl::Seconds(3) + kLease));
  EXPECT_EQ(added.file_octets(), 2 * 1024);
  ASSERT_TRUE(change->batch.has_value());
  EXPECT_EQ(change->batch->number, 0);
  EXPECT_EQ(ReasonOf(AddBatch(Mine(), 0, BatchOf(2, 1))(added).status()),
            Reason::kStoreConflict);
  const auto second = AddBatch(Mine(), 1, BatchOf(1, 0))(added);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->batch->file_begin, 2 * 1024);
  EXPECT_EQ(second->batch->manifest_begin, added.manifest_octets());
}

TEST(VoucherJobSteps, DevicesAreCountedPartByPart) {
  const VoucherJob some =
      After(Running(), KeepCount(Mine(), 1000, storage::DevicePlace{3, "c"}));
  EXPECT_FALSE(some.has_total());
  EXPECT_EQ(some.count_device_id(), "c");
  EXPECT_EQ(After(some, KeepCount(Mine(), 7, std::nullopt)).total(), 1007);
}

TEST(VoucherJobSteps, ABatchOfNobodyMovesThePlaceAlone) {
  JobBatch batch = BatchOf(0, 0);
  const auto change = AddBatch(Mine(), 0, batch)(Running());
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_FALSE(change->batch.has_value());
  EXPECT_EQ(change->job.batches(), 0);
  EXPECT_EQ(change->job.cursor_device_id(), "d");
}

TEST(VoucherJobSteps, TheFirstRefusedAreTold) {
  const VoucherJob job =
      After(Running(), AddBatch(Mine(), 0, BatchOf(0, kFirstRefused + 5)));
  EXPECT_EQ(job.first_refused_size(), kFirstRefused);
  EXPECT_EQ(job.refused(), kFirstRefused + 5);
}

TEST(VoucherJobSteps, RestsGrowUntilABatchIsAdded) {
  const absl::Status why = Refuse(Reason::kSignerUnavailable, "no signer");
  VoucherJob job = Running();
  const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60};
  for (const int64_t rest : seconds) {
    job = After(job, RestJob(Mine(), why));
    EXPECT_EQ(job.rest_until(), absl::ToUnixMicros(kNow + absl::Seconds(rest)));
    EXPECT_EQ(job.holder(), "");
    EXPECT_EQ(job.rest_reason(), "SIGNER_UNAVAILABLE");
    EXPECT_EQ(ReasonOf(TakeJob(Theirs())(job).status()),
              Reason::kStoreConflict);
    job.set_holder(Mine().holder);
  }
  EXPECT_EQ(BatchSizeOf(job), 1) << "a slow signer gets that much done";
  job = After(job, AddBatch(Mine(), 0, BatchOf(1, 0)));
  EXPECT_EQ(job.rests(), 0);
  EXPECT_EQ(job.rest_reason(), "");
  EXPECT_EQ(BatchSizeOf(job), 256);
  job = After(job, RestJob(Mine(), RefuseFor(absl::Minutes(3),
                                             Reason::kQuotaExceeded, "quota")));
  EXPECT_EQ(job.rest_until(), absl::ToUnixMicros(kNow + absl::Minutes(3)));
}

TEST(VoucherJobSteps, ACancelledJobEndsBeforeItsNextBatch) {
  const VoucherJob resting =
      After(Running(), RestJob(Mine(), Refuse(Reason::kOverloaded, "later")));
  const auto cancelled = CancelJob(kNow)(resting);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_STREQ(cancelled->event_kind, storage::kVoucherJobCancelled);
  EXPECT_EQ(CancelJob(kNow)(cancelled->job)->event_kind, nullptr)
      << "once is enough";
  const VoucherJob taken = After(cancelled->job, TakeJob(Theirs()));
  EXPECT_EQ(taken.state(), VOUCHER_JOB_STATE_CANCELLING)
      << "it rests no more, and is not run";
  const auto ended = EndJob(Theirs(), absl::OkStatus())(taken);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->job.state(), VOUCHER_JOB_STATE_CANCELLED);
  EXPECT_STREQ(ended->event_kind, storage::kVoucherJobEnded);
  EXPECT_EQ(CancelJob(kNow)(ended->job)->job.state(),
            VOUCHER_JOB_STATE_CANCELLED);
  EXPECT_EQ(ReasonOf(TakeJob(Mine(kLease * 9))(ended->job).status()),
            Reason::kStoreConflict);
}

TEST(VoucherJobSteps, AnEndedJobIsNotCancelled) {
  const VoucherJob done = After(Running(), EndJob(Mine(), absl::OkStatus()));
  EXPECT_EQ(done.state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(ReasonOf(CancelJob(kNow)(done).status()), Reason::kJobEnded);
  const VoucherJob failed = After(
      Running(),
      EndJob(Mine(), Refuse(Reason::kOrganizationUnknown, "no customer")));
  EXPECT_EQ(failed.state(), VOUCHER_JOB_STATE_FAILED);
  EXPECT_EQ(failed.failure_reason(), "ORGANIZATION_UNKNOWN");
}

}  // namespace
}  // namespace masa::issuance
