// Jobs from their start to their archive, on the store in memory: every device
// gets its voucher once, whatever fails on the way.
#include "services/issuance/run_voucher_jobs.h"

#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/issuance/test_changing_devices.h"
#include "services/issuance/test_voucher_jobs.h"
#include "services/wire/tar_header.h"
#include "services/wire/voucher_manifest.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using storage::VoucherJob;
using storage::v1::VOUCHER_JOB_STATE_CANCELLED;
using storage::v1::VOUCHER_JOB_STATE_FAILED;
using storage::v1::VOUCHER_JOB_STATE_RUNNING;
using storage::v1::VOUCHER_JOB_STATE_SUCCEEDED;

constexpr int kFleet = 700;  // three batches

class Jobs : public JobDesk {
 protected:
  Jobs() {
    std::vector<storage::Device> devices;
    for (int i = 0; i < kFleet; ++i) {
      storage::Device& device = devices.emplace_back();
      device.tenant_id = "acme";
      device.serial_number = absl::StrCat("F-", i);
      device.product_id = "owned";
      device.organization_id = "org-acme";
    }
    for (const auto& outcome : store_.Import({}, "test", Noon(), devices,
                                             storage::OnConflict::kFail)) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
    }
  }

  std::string Started() {
    VoucherJobOrder order;
    order.listing = {"org-acme", "", "", false};
    order.pinned_cert_der = domain_ca_.CertificateDer();
    order.expires_on = Noon() + absl::Hours(24);
    const auto view = job_desk_.Start({{}, operator_}, order);
    EXPECT_TRUE(view.ok()) << view.status();
    return view->job.job_id();
  }

  VoucherJob Job(const std::string& id) {
    return job_desk_.Get({}, operator_, id)->job;
  }

  // Runs turns until none has anything to do.
  void RunAll(RunVoucherJobs runner) {
    for (int turns = 0; turns < 50; ++turns) {
      const auto turn = runner.RunTurn(Never);
      ASSERT_TRUE(turn.ok()) << turn.status();
      if (!turn->worked) {
        return;
      }
    }
    ADD_FAILURE() << "it does not end";
  }

  std::string Archive(const std::string& id, int64_t offset = 0) {
    std::string octets;
    while (true) {
      const auto piece = job_desk_.ReadArchive(
          {}, operator_, id, offset + static_cast<int64_t>(octets.size()));
      EXPECT_TRUE(piece.ok()) << piece.status();
      if (!piece.ok() || piece->octets.empty()) {
        return octets;
      }
      octets += piece->octets;
    }
  }

  // The files of a tar by name.
  static std::map<std::string, std::string> FilesIn(const std::string& tar) {
    std::map<std::string, std::string> files;
    for (size_t at = 0; at + 512 <= tar.size();) {
      const auto entry = wire::ParseTarHeader(tar.substr(at, 512));
      if (!entry) {
        break;
      }
      EXPECT_TRUE(
          files
              .emplace(entry->name,
                       tar.substr(at + 512, static_cast<size_t>(entry->octets)))
              .second)
          << entry->name;
      at += static_cast<size_t>(wire::TarSpan(entry->octets));
    }
    return files;
  }

  int CountEvents(const std::string& kind) {
    int count = 0;
    for (const auto& events : {store_.Events(), jobs_.Events()}) {
      for (const auto& event : events) {
        count += event.kind == kind ? 1 : 0;
      }
    }
    return count;
  }

  // Every device of the fleet, and OWNED-1, has one voucher and one event.
  void ExpectOneEach() {
    EXPECT_EQ(CountEvents(storage::kVoucherIssued), kFleet + 1);
    for (const int i : {0, 1, kFleet / 2, kFleet - 1}) {
      EXPECT_EQ(EventsOf(absl::StrCat("F-", i)), 1u);
    }
  }

  const identity::Principal operator_ = {identity::Role::kOperator, "operator",
                                         "acme", ""};
};

TEST_F(Jobs, EachDeviceGetsItsVoucherAndItsFile) {
  const std::string id = Started();
  RunAll(JobRunner());
  const VoucherJob job = Job(id);
  EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.total(), kFleet + 1);
  EXPECT_EQ(job.issued(), kFleet + 1);
  EXPECT_EQ(job.refused(), 0);
  ExpectOneEach();
  EXPECT_EQ(CountEvents(storage::kVoucherJobStarted), 1);
  EXPECT_EQ(CountEvents(storage::kVoucherJobEnded), 1);

  const std::string tar = Archive(id);
  EXPECT_EQ(static_cast<int64_t>(tar.size()),
            job_desk_.Get({}, operator_, id)->archive_octets);
  auto files = FilesIn(tar);
  ASSERT_EQ(files.size(), kFleet + 2u);
  const std::string manifest = files["manifest.json"];
  files.erase("manifest.json");
  EXPECT_EQ(manifest.substr(manifest.size() - 5), "}\n]}\n");
  for (const auto& [name, octets] : files) {
    EXPECT_NE(manifest.find(absl::StrCat("\"", name, "\"")), std::string::npos);
    EXPECT_NE(manifest.find(absl::BytesToHexString(Sha256(octets))),
              std::string::npos);
  }
  const auto voucher = Opened(files["F-0.vcj"]);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->serial_number, "F-0");
  EXPECT_EQ(voucher->expires_on, Noon() + absl::Hours(24));
}

// The same octets each time, from wherever they are asked for.
TEST_F(Jobs, AnArchiveIsReadOnFromAnyOctet) {
  const std::string id = Started();
  RunAll(JobRunner());
  const std::string tar = Archive(id);
  const auto size = static_cast<int64_t>(tar.size());
  const int64_t files = Job(id).file_octets();
  for (const int64_t offset :
       {int64_t{1}, int64_t{513}, files / 2, files - 1, files, files + 511,
        files + 700, size - 1500, size - 1, size}) {
    EXPECT_EQ(Archive(id, offset), tar.substr(static_cast<size_t>(offset)))
        << offset;
  }
  for (const int64_t offset : {int64_t{-1}, size + 1}) {
    EXPECT_EQ(
        ReasonOf(job_desk_.ReadArchive({}, operator_, id, offset).status()),
        Reason::kInvalidArgument);
  }
}

TEST_F(Jobs, WhatADeviceIsRefusedForIsSaidAndTheRestGoesOn) {
  (void)store_.SetBlocked({}, "test", Noon(), {{"acme", "F-7", {}}}, true);
  const std::string id = Started();
  RunAll(JobRunner());
  const VoucherJob job = Job(id);
  EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.issued(), kFleet);
  EXPECT_EQ(job.refused(), 1);
  ASSERT_EQ(job.first_refused_size(), 1);
  EXPECT_EQ(job.first_refused(0).serial_number(), "F-7");
  EXPECT_EQ(job.first_refused(0).reason(), "DEVICE_BLOCKED");
  const auto files = FilesIn(Archive(id));
  EXPECT_EQ(files.size(), kFleet + 1u);
  EXPECT_NE(files.at("manifest.json").find("\"reason\":\"DEVICE_BLOCKED\""),
            std::string::npos);
}

TEST_F(Jobs, WhatMovesOrIsBlockedUnderAJobIsRefusedAndTheRestGoesOn) {
  const auto first = store_.ListOwned({}, "acme", "org-acme", {}, 3);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto key = [&](size_t i) {
    return storage::DeviceKey{"acme", (*first)[i].serial_number, {}};
  };
  ChangingDevices devices(store_, [&] {
    EXPECT_TRUE(store_.Assign({}, "t", Noon(), {key(0)}, "org-other")[0].ok());
    EXPECT_TRUE(store_.Assign({}, "t", Noon(), {key(1)}, "")[0].ok());
    EXPECT_TRUE(store_.SetBlocked({}, "t", Noon(), {key(2)}, true)[0].ok());
  });
  const Tools changing{tools_->catalog,  devices,           tools_->log,
                       tools_->signer,   tools_->verifier,  tools_->clock,
                       tools_->policies, tools_->templates, tools_->claims,
                       tools_->owned,    tools_->groups};
  const std::string id = Started();
  RunAll({changing, jobs_, *registry_desk_, std::string(16, 'h')});
  const VoucherJob job = Job(id);
  EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.issued(), kFleet + 1 - 3);
  EXPECT_EQ(job.refused(), 3);
  std::map<std::string, std::string> reasons;
  for (const auto& refused : job.first_refused()) {
    reasons[refused.serial_number()] = refused.reason();
  }
  EXPECT_EQ(reasons, (std::map<std::string, std::string>{
                         {(*first)[0].serial_number, "OWNER_MISMATCH"},
                         {(*first)[1].serial_number, "OWNER_MISMATCH"},
                         {(*first)[2].serial_number, "DEVICE_BLOCKED"}}));
}

// Each call of the store fails once, before or after it has written: as if the
// process had been killed there. Another one goes on.
TEST_F(Jobs, WhereverItDiesNothingIsLostOrDoneTwice) {
  for (const auto failure :
       {MemoryStore::Failure::kUnstored, MemoryStore::Failure::kStored}) {
    const std::string id = Started();
    char holder = 'a';
    for (int turns = 0; turns < 500 && Job(id).ended_at() == 0; ++turns) {
      RunVoucherJobs runner = JobRunner(holder);
      int batches = 0;
      (void)runner.RunTurn([&] {
        // In another batch each time, at the vouchers or at the job.
        if (batches++ == turns % 3) {
          turns % 2 == 0 ? jobs_.FailNext(failure) : store_.FailNext(failure);
        }
        return false;
      });
      holder = holder == 'z' ? 'a' : static_cast<char>(holder + 1);
      clock_.Advance(kLease + absl::Minutes(2));
    }
    const VoucherJob job = Job(id);
    EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_SUCCEEDED);
    EXPECT_EQ(job.issued(), kFleet + 1);
    EXPECT_EQ(FilesIn(Archive(id)).size(), kFleet + 2u);
  }
  EXPECT_EQ(CountEvents(storage::kVoucherIssued), 2 * (kFleet + 1))
      << "one for each device and job";
}

TEST_F(Jobs, ASecondRunnerLeavesAJobToTheFirst) {
  const std::string id = Started();
  RunVoucherJobs first = JobRunner('1');
  RunVoucherJobs second = JobRunner('2');
  int seconds = 0;
  const auto turn = first.RunTurn([&] {
    const auto other = second.RunTurn(Never);
    EXPECT_TRUE(other.ok()) << other.status();
    EXPECT_FALSE(other->worked);
    return ++seconds > 1;  // and stops after one batch
  });
  ASSERT_TRUE(turn.ok()) << turn.status();
  EXPECT_EQ(turn->issued, 256);
  EXPECT_TRUE(second.RunTurn(Never)->worked) << "given back at once";
  RunAll(JobRunner('2'));
  ExpectOneEach();
}

// The one that was taken for dead wakes up and finds that it has lost the job.
TEST_F(Jobs, WhoLostTheJobAddsNothing) {
  const std::string id = Started();
  RunVoucherJobs slow = JobRunner('1');
  bool slept = false;
  const auto turn = slow.RunTurn([&] {
    if (!slept) {
      slept = true;
      clock_.Advance(kLease + absl::Seconds(1));
      RunAll(JobRunner('2'));
    }
    return false;
  });
  ASSERT_TRUE(turn.ok()) << turn.status();
  EXPECT_EQ(ReasonOf(turn->rested), Reason::kStoreConflict);
  EXPECT_EQ(Job(id).state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Job(id).issued(), kFleet + 1);
  ExpectOneEach();
}

TEST_F(Jobs, ACancelledJobEndsBeforeItsNextBatch) {
  const std::string id = Started();
  RunVoucherJobs runner = JobRunner();
  int batches = 0;
  (void)runner.RunTurn([&] {
    if (batches++ == 1) {
      EXPECT_TRUE(job_desk_.Cancel({{}, operator_}, id).ok());
    }
    return false;
  });
  const VoucherJob job = Job(id);
  EXPECT_EQ(job.state(), VOUCHER_JOB_STATE_CANCELLED);
  EXPECT_EQ(job.issued(), 2 * 256);
  EXPECT_EQ(CountEvents(storage::kVoucherJobCancelled), 1);
  EXPECT_EQ(FilesIn(Archive(id)).size(), 2 * 256 + 1u)
      << "what was issued is there";
}

TEST_F(Jobs, WithoutASignerAJobRestsAndGoesOn) {
  ChangeProduct([](masa::v1::Product*) {});
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_products(1)->set_signing_key("key-of-nobody");
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  const std::string id = Started();
  RunVoucherJobs runner = JobRunner();
  for (int tries = 1; tries <= 3; ++tries) {
    const auto turn = runner.RunTurn(Never);
    ASSERT_TRUE(turn.ok()) << turn.status();
    EXPECT_EQ(ReasonOf(turn->rested), Reason::kKeyUnknown) << turn->rested;
    EXPECT_EQ(Job(id).state(), VOUCHER_JOB_STATE_RUNNING);
    EXPECT_EQ(Job(id).rest_reason(), "KEY_UNKNOWN");
    EXPECT_FALSE(runner.RunTurn(Never)->worked) << "it rests";
    clock_.Advance(absl::Minutes(1));
  }
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), Catalog()).ok());
  clock_.Advance(absl::Seconds(6));
  RunAll(JobRunner());
  EXPECT_EQ(Job(id).state(), VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Job(id).refused(), 0);
  ExpectOneEach();
}

TEST_F(Jobs, WhatItNeedsIsGoneAndTheJobFails) {
  const std::string id = Started();
  ASSERT_TRUE(jobs_
                  .ChangeJob({}, "test", Noon(), {"acme", id},
                             [](VoucherJob job) {
                               job.mutable_terms()->set_organization_id(
                                   "org-none");
                               return storage::VoucherJobChange{job};
                             },
                             {})
                  .ok());
  RunAll(JobRunner());
  EXPECT_EQ(Job(id).state(), VOUCHER_JOB_STATE_FAILED);
  EXPECT_EQ(Job(id).failure_reason(), "ORGANIZATION_UNKNOWN");
}

// 16 batches a turn, and then it is another job's.
TEST_F(Jobs, JobsTakeTurns) {
  const std::string first = Started();
  clock_.Advance(absl::Seconds(1));
  const std::string second = Started();
  clock_.Advance(absl::Seconds(1));
  RunVoucherJobs runner = JobRunner();
  int batches = 0;
  ASSERT_TRUE(runner.RunTurn([&] { return batches++ == 1; }).ok());
  EXPECT_EQ(Job(first).issued(), 256);
  clock_.Advance(absl::Seconds(1));
  batches = 0;
  ASSERT_TRUE(runner.RunTurn([&] { return batches++ == 1; }).ok());
  EXPECT_EQ(Job(second).issued(), 256) << "it has waited longer";
}

}  // namespace
}  // namespace masa::issuance
