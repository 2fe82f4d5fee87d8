#include "storage/memory/memory_job_runs.h"

#include "storage/contract/job_runs_contract.h"

namespace masa::storage {
namespace {

class MemoryUnderTest final : public JobRunsUnderTest {
 public:
  JobRuns& runs() override { return runs_; }
  bool Stop() override {
    runs_.Stop(true);
    return true;
  }
  void Restart() override { runs_.Stop(false); }

 private:
  MemoryJobRuns runs_;
};

INSTANTIATE_TEST_SUITE_P(Memory, JobRunsContract,
                         ::testing::Values(MakeJobRuns([] {
                           return std::make_unique<MemoryUnderTest>();
                         })));

}  // namespace
}  // namespace masa::storage
