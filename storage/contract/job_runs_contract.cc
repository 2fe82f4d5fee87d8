#include "storage/contract/job_runs_contract.h"

#include "services/status/reason.h"

namespace masa::storage {

void JobRunsContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
}

void JobRunsContract::Record(const char* job, absl::Time at, bool succeeded) {
  const absl::Status status =
      under_test_->runs().Record(context_, job, at, succeeded);
  EXPECT_TRUE(status.ok()) << status;
}

std::vector<JobRun> JobRunsContract::Stored() {
  auto found = under_test_->runs().List(context_);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.value_or(std::vector<JobRun>());
}

TEST_P(JobRunsContract, EachJobsLastSuccessAndFailureStandByName) {
  EXPECT_TRUE(Stored().empty());
  Record(kVerifyAuditJob, now_, true);
  Record(kRetentionJob, now_ + absl::Seconds(1), true);
  Record(kVerifyAuditJob, now_ + absl::Seconds(2), false);
  Record(kVerifyAuditJob, now_ + absl::Seconds(3), true);
  const std::vector<JobRun> expected = {
      {kRetentionJob, now_ + absl::Seconds(1)},
      {kVerifyAuditJob, now_ + absl::Seconds(3), now_ + absl::Seconds(2)}};
  EXPECT_EQ(Stored(), expected);
}

TEST_P(JobRunsContract, AFirstFailureIsWaitedForFromThere) {
  Record(kVerifyBackupJob, now_, false);
  Record(kVerifyBackupJob, now_ + absl::Hours(1), false);
  const std::vector<JobRun> expected = {
      {kVerifyBackupJob, now_, now_ + absl::Hours(1)}};
  EXPECT_EQ(Stored(), expected);
}

TEST_P(JobRunsContract, WhatIsOlderChangesNothing) {
  Record(kEscrowExportJob, now_, true);
  Record(kEscrowExportJob, now_, false);
  Record(kEscrowExportJob, now_ - absl::Hours(1), true);
  Record(kEscrowExportJob, now_ - absl::Hours(1), false);
  const std::vector<JobRun> expected = {{kEscrowExportJob, now_, now_}};
  EXPECT_EQ(Stored(), expected);
}

TEST_P(JobRunsContract, AStoreThatIsAwaySaysSoAndComesBack) {
  Record(kRetentionJob, now_, true);
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "this store cannot be stopped here";
  }
  const auto recorded = under_test_->runs().Record(context_, kRetentionJob,
                                                   now_ + absl::Hours(1), true);
  EXPECT_EQ(ReasonOf(recorded), Reason::kStoreUnavailable) << recorded;
  EXPECT_EQ(ReasonOf(under_test_->runs().List(context_).status()),
            Reason::kStoreUnavailable);
  under_test_->Restart();
  const std::vector<JobRun> expected = {{kRetentionJob, now_}};
  EXPECT_EQ(Stored(), expected);
}

}  // namespace masa::storage
