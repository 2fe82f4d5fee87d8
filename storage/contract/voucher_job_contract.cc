#include "storage/contract/voucher_job_contract.h"

#include <thread>

#include "services/status/reason.h"
#include "storage/audit_event.h"

namespace masa::storage {
namespace {

// What `status_or` has as its reason; OK has none.
#define EXPECT_REFUSED(expected, status_or)              \
  do {                                                   \
    const auto masa_got_ = (status_or);                  \
    ASSERT_FALSE(masa_got_.ok());                        \
    EXPECT_EQ(InfoOf(expected).name,                     \
              InfoOf(ReasonOf(masa_got_.status())).name) \
        << masa_got_.status();                           \
  } while (false)

using v1::VOUCHER_JOB_STATE_CANCELLED;
using v1::VOUCHER_JOB_STATE_CANCELLING;
using v1::VOUCHER_JOB_STATE_PENDING;
using v1::VOUCHER_JOB_STATE_RUNNING;

VoucherJobKey Key(char id, const std::string& tenant = "a") {
  return {tenant, std::string(16, id)};
}

VoucherJob MakeJob(char id, absl::Time at, const std::string& tenant = "a") {
  VoucherJob job;
  job.set_tenant_id(tenant);
  job.set_job_id(std::string(16, id));
  job.set_state(VOUCHER_JOB_STATE_PENDING);
  job.mutable_terms()->set_actor("op");
  job.mutable_terms()->set_filter("model = \"M\"");
  job.mutable_terms()->set_pinned_cert_der(std::string("\0\xff", 2));
  job.set_created_at(absl::ToUnixMicros(at));
  job.set_updated_at(absl::ToUnixMicros(at));
  return job;
}

std::optional<OnceOrder> Once(const std::string& id, char digest) {
  return OnceOrder{{"a", "op", id}, std::string(32, digest)};
}

// Adds a batch of one item behind what is there, as a runner does.
VoucherJobPlan AddBatch(int32_t number, int64_t file_begin,
                        int64_t manifest_begin) {
  return [=](const VoucherJob& stored) -> absl::StatusOr<VoucherJobChange> {
    if (stored.batches() != number) {
      return Refuse(Reason::kStoreConflict, "another one added it");
    }
    VoucherJobChange change{stored};
    change.job.set_batches(number + 1);
    change.batch = VoucherJobBatch{number, file_begin, manifest_begin, {}};
    change.batch->items.add_items()->set_serial_number(std::to_string(number));
    return change;
  };
}

VoucherJobPlan SetState(VoucherJobState state, const char* event_kind) {
  return [=](const VoucherJob& stored) {
    VoucherJobChange change{stored, {}, event_kind};
    change.job.set_state(state);
    if (state == VOUCHER_JOB_STATE_CANCELLED) {
      change.job.set_ended_at(stored.updated_at());
    }
    return change;
  };
}

std::string Ids(const absl::StatusOr<std::vector<VoucherJob>>& jobs) {
  EXPECT_TRUE(jobs.ok()) << jobs.status();
  std::string ids;
  for (const VoucherJob& job : *jobs) {
    ids += job.job_id().substr(0, 1);
  }
  return ids;
}

// The voucher of a device with this id, under the digest of a job.
IssuedVoucher MakeVoucher(char device, absl::Time at) {
  IssuedVoucher voucher;
  voucher.voucher_id = NewEventId(at);
  voucher.audit_event_id = NewEventId(at);
  voucher.tenant_id = "a";
  voucher.device_id = std::string(16, device);
  voucher.bucket = 7;
  voucher.request_digest = std::string(32, 'd');
  voucher.format = masa::v1::FORMAT_CMS_JSON;
  voucher.voucher = std::string(1, device);
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.created_on = at;
  voucher.domain_id = std::string(20, 'd');
  voucher.pinned_spki_sha256 = std::string(32, 's');
  voucher.signing_key = "key";
  voucher.actor = "op";
  voucher.request_id = "job";
  return voucher;
}

}  // namespace

void VoucherJobContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
}

TEST_P(VoucherJobContract, AStartedJobIsReadAsItWasStarted) {
  const VoucherJob job = MakeJob('1', now_);
  ASSERT_TRUE(jobs().StartJob(context_, "op", now_, job, {}).ok());
  const auto read = jobs().GetJob(context_, Key('1'));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), job.SerializeAsString());
  EXPECT_EQ(CountEvents(kVoucherJobStarted), 1);
  EXPECT_REFUSED(Reason::kJobUnknown, jobs().GetJob(context_, Key('2')));
  EXPECT_REFUSED(Reason::kJobUnknown, jobs().GetJob(context_, Key('1', "b")));
  EXPECT_REFUSED(Reason::kJobUnknown, jobs().GetJob(context_, {"a", "short"}));
}

TEST_P(VoucherJobContract, ARepeatIsAnsweredWithTheJobOfThen) {
  ASSERT_TRUE(
      jobs()
          .StartJob(context_, "op", now_, MakeJob('1', now_), Once("id", 'd'))
          .ok());
  ASSERT_TRUE(jobs()
                  .ChangeJob(context_, "op", now_, Key('1'),
                             SetState(VOUCHER_JOB_STATE_RUNNING, nullptr))
                  .ok());
  const auto again = jobs().StartJob(context_, "op", now_, MakeJob('2', now_),
                                     Once("id", 'd'));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->job_id(), Key('1').job_id);
  EXPECT_EQ(again->state(), VOUCHER_JOB_STATE_RUNNING) << "as it is now";
  EXPECT_REFUSED(Reason::kRequestIdReused,
                 jobs().StartJob(context_, "op", now_, MakeJob('2', now_),
                                 Once("id", 'e')));
  EXPECT_REFUSED(Reason::kJobUnknown, jobs().GetJob(context_, Key('2')));
  EXPECT_EQ(CountEvents(kVoucherJobStarted), 1);
}

TEST_P(VoucherJobContract, JobsAreListedNewestFirstForWhoStartedThem) {
  for (const char id : {'1', '3', '2'}) {
    VoucherJob job = MakeJob(id, now_);
    job.mutable_terms()->set_actor_organization_id(id == '3' ? "o" : "");
    ASSERT_TRUE(jobs().StartJob(context_, "op", now_, job, {}).ok());
  }
  ASSERT_TRUE(
      jobs().StartJob(context_, "op", now_, MakeJob('4', now_, "b"), {}).ok());
  EXPECT_EQ(Ids(jobs().ListJobs(context_, "a", "", "", 9)), "321");
  EXPECT_EQ(Ids(jobs().ListJobs(context_, "a", "", "", 2)), "32");
  EXPECT_EQ(Ids(jobs().ListJobs(context_, "a", "", Key('2').job_id, 2)), "1");
  EXPECT_EQ(Ids(jobs().ListJobs(context_, "a", "o", "", 9)), "3");
  EXPECT_EQ(Ids(jobs().ListJobs(context_, "a", "q", "", 9)), "");
}

TEST_P(VoucherJobContract, AChangeIsWrittenWithItsEventOrNotAtAll) {
  ASSERT_TRUE(
      jobs().StartJob(context_, "op", now_, MakeJob('1', now_), {}).ok());
  const auto cancel =
      SetState(VOUCHER_JOB_STATE_CANCELLING, kVoucherJobCancelled);
  for (int i = 0; i < 2; ++i) {
    const auto changed = jobs().ChangeJob(context_, "op", now_, Key('1'),
                                          cancel, Once("id", 'c'));
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_EQ(changed->state(), VOUCHER_JOB_STATE_CANCELLING);
  }
  EXPECT_EQ(CountEvents(kVoucherJobCancelled), 1) << "a repeat plans nothing";
  EXPECT_REFUSED(Reason::kRequestIdReused,
                 jobs().ChangeJob(context_, "op", now_, Key('1'), cancel,
                                  Once("id", 'e')));
  EXPECT_REFUSED(Reason::kJobEnded,
                 jobs().ChangeJob(
                     context_, "op", now_, Key('1'),
                     [](const VoucherJob&) -> absl::StatusOr<VoucherJobChange> {
                       return Refuse(Reason::kJobEnded, "so");
                     }));
  EXPECT_REFUSED(Reason::kJobUnknown,
                 jobs().ChangeJob(context_, "op", now_, Key('2'), cancel));
}

// Who runs it may run it until the lease ends; who rests, rests.
TEST_P(VoucherJobContract, ReadyAreThoseThatNobodyRunsLongestWaitingFirst) {
  const auto start = [&](char id, absl::Duration ago, int64_t lease,
                         int64_t rest, VoucherJobState state) {
    VoucherJob job = MakeJob(id, now_ - ago);
    job.set_state(state);
    job.set_holder(lease == 0 ? "" : std::string(16, 'h'));
    job.set_lease_until(lease);
    job.set_rest_until(rest);
    ASSERT_TRUE(jobs().StartJob(context_, "op", now_, job, {}).ok());
  };
  const int64_t later = absl::ToUnixMicros(now_ + absl::Seconds(9));
  const int64_t before = absl::ToUnixMicros(now_ - absl::Seconds(9));
  start('1', absl::Seconds(1), 0, 0, VOUCHER_JOB_STATE_PENDING);
  start('2', absl::Seconds(2), 0, 0, VOUCHER_JOB_STATE_RUNNING);
  start('3', absl::Seconds(3), later, 0, VOUCHER_JOB_STATE_RUNNING);
  start('4', absl::Seconds(4), before, 0, VOUCHER_JOB_STATE_RUNNING);
  start('5', absl::Seconds(5), 0, later, VOUCHER_JOB_STATE_RUNNING);
  start('6', absl::Seconds(6), 0, later, VOUCHER_JOB_STATE_CANCELLING);
  start('7', absl::Seconds(7), 0, 0, VOUCHER_JOB_STATE_RUNNING);
  ASSERT_TRUE(jobs()
                  .ChangeJob(context_, "op", now_, Key('7'),
                             SetState(VOUCHER_JOB_STATE_CANCELLED, nullptr))
                  .ok());
  EXPECT_EQ(Ids(jobs().ListReady(context_, now_, 9)), "4621");
  EXPECT_EQ(Ids(jobs().ListReady(context_, now_, 2)), "46");
  EXPECT_EQ(Ids(jobs().ListReady(context_, now_ + absl::Seconds(10), 9)),
            "462135");
  const auto open = jobs().CountOpen(context_);
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(*open, (std::map<VoucherJobState, int64_t>{
                       {VOUCHER_JOB_STATE_PENDING, 1},
                       {VOUCHER_JOB_STATE_RUNNING, 4},
                       {VOUCHER_JOB_STATE_CANCELLING, 1}}));
}

TEST_P(VoucherJobContract, ABatchIsFoundByAnyOfItsOctets) {
  ASSERT_TRUE(
      jobs().StartJob(context_, "op", now_, MakeJob('1', now_), {}).ok());
  EXPECT_REFUSED(
      Reason::kJobResultGone,
      jobs().FindBatch(context_, Key('1'), VoucherJobPart::kFiles, 0));
  // The second has no files, only lines.
  const int64_t begins[][2] = {{0, 0}, {1024, 90}, {1024, 170}};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(jobs()
                    .ChangeJob(context_, "op", now_, Key('1'),
                               AddBatch(i, begins[i][0], begins[i][1]))
                    .ok());
  }
  const struct {
    VoucherJobPart part;
    int64_t offset;
    int32_t number;
  } rows[] = {
      {VoucherJobPart::kFiles, 0, 0},     {VoucherJobPart::kFiles, 1023, 0},
      {VoucherJobPart::kFiles, 1024, 2},  {VoucherJobPart::kFiles, 5000, 2},
      {VoucherJobPart::kManifest, 89, 0}, {VoucherJobPart::kManifest, 90, 1},
      {VoucherJobPart::kManifest, 171, 2}};
  for (const auto& row : rows) {
    const auto batch =
        jobs().FindBatch(context_, Key('1'), row.part, row.offset);
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->number, row.number) << row.offset;
    EXPECT_EQ(batch->file_begin, begins[row.number][0]);
    EXPECT_EQ(batch->manifest_begin, begins[row.number][1]);
    ASSERT_EQ(batch->items.items_size(), 1);
    EXPECT_EQ(batch->items.items(0).serial_number(),
              std::to_string(row.number));
  }
}

TEST_P(VoucherJobContract, AJobsVouchersAreReadInTheOrderOfItsItems) {
  std::vector<VoucherJobItem> items;
  for (const char device : {'2', '1'}) {
    const IssuedVoucher voucher = MakeVoucher(device, now_);
    ASSERT_TRUE(under_test_->log().Commit(context_, {voucher})[0].ok());
    items.emplace_back().set_bucket(voucher.bucket);
    items.back().set_device_id(voucher.device_id);
  }
  const std::string digest(32, 'd');
  const auto read = jobs().ReadJobVouchers(context_, digest, items);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, (std::vector<std::string>{"2", "1"}));
  items.back().set_device_id(std::string(16, 'x'));
  EXPECT_REFUSED(Reason::kJobResultGone,
                 jobs().ReadJobVouchers(context_, digest, items));
}

// Two replicas that both believe to run the job.
TEST_P(VoucherJobContract, OfTwoThatAddTheSameBatchOneDoes) {
  ASSERT_TRUE(
      jobs().StartJob(context_, "op", now_, MakeJob('1', now_), {}).ok());
  for (int number = 0; number < 10; ++number) {
    bool added[2] = {false, false};
    const auto add = [&](int side) {
      added[side] = jobs()
                        .ChangeJob(context_, "op", now_, Key('1'),
                                   AddBatch(number, number, number))
                        .ok();
    };
    std::thread other([&] { add(0); });
    add(1);
    other.join();
    EXPECT_EQ(added[0] + added[1], 1);
  }
  EXPECT_EQ(jobs().GetJob(context_, Key('1'))->batches(), 10);
}

TEST_P(VoucherJobContract, SaysUnavailableWhileStopped) {
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  const auto plan = SetState(VOUCHER_JOB_STATE_RUNNING, nullptr);
  EXPECT_REFUSED(Reason::kStoreUnavailable,
                 jobs().StartJob(context_, "op", now_, MakeJob('1', now_), {}));
  EXPECT_REFUSED(Reason::kStoreUnavailable, jobs().GetJob(context_, Key('1')));
  EXPECT_REFUSED(Reason::kStoreUnavailable,
                 jobs().ChangeJob(context_, "op", now_, Key('1'), plan));
  EXPECT_REFUSED(Reason::kStoreUnavailable,
                 jobs().ListReady(context_, now_, 1));
  under_test_->Restart();
  EXPECT_REFUSED(Reason::kJobUnknown, jobs().GetJob(context_, Key('1')));
}

}  // namespace masa::storage
