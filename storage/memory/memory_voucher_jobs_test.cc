#include "storage/memory/memory_voucher_jobs.h"

#include "storage/contract/voucher_job_contract.h"

namespace masa::storage {
namespace {

class MemoryJobs final : public VoucherJobsUnderTest {
 public:
  IssuanceLog& log() override { return store_; }
  VoucherJobStore& jobs() override { return jobs_; }
  int CountEvents(const std::string& kind) override {
    int count = 0;
    for (const AuditEvent& event : jobs_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }
  bool Stop() override {
    jobs_.Stop(true);
    return true;
  }
  void Restart() override { jobs_.Stop(false); }

 private:
  MemoryStore store_;
  MemoryVoucherJobs jobs_{store_};
};

INSTANTIATE_TEST_SUITE_P(Memory, VoucherJobContract,
                         ::testing::Values(MakeVoucherJobs([] {
                           return std::make_unique<MemoryJobs>();
                         })));

}  // namespace
}  // namespace masa::storage
