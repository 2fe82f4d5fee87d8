// The suite of the promise VoucherJobStore, run on every implementation beside
// the log that has its vouchers. A test links :voucher_jobs_suite and says how
// to make both.
#ifndef STORAGE_CONTRACT_VOUCHER_JOB_CONTRACT_H_
#define STORAGE_CONTRACT_VOUCHER_JOB_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "storage/issuance_log.h"
#include "storage/voucher_job_store.h"

namespace masa::storage {

// An implementation under test, empty at first.
class VoucherJobsUnderTest {
 public:
  virtual ~VoucherJobsUnderTest() = default;
  virtual IssuanceLog& log() = 0;
  virtual VoucherJobStore& jobs() = 0;
  // Of audit events.
  virtual int CountEvents(const std::string& kind) = 0;
  // Takes the store away. False when it cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeVoucherJobs = std::function<std::unique_ptr<VoucherJobsUnderTest>()>;

class VoucherJobContract : public ::testing::TestWithParam<MakeVoucherJobs> {
 protected:
  void SetUp() override;

  VoucherJobStore& jobs() { return under_test_->jobs(); }
  int CountEvents(const std::string& kind) {
    return under_test_->CountEvents(kind);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  const RequestContext context_ = {"request-1", "", absl::InfiniteFuture()};
  std::unique_ptr<VoucherJobsUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_VOUCHER_JOB_CONTRACT_H_
