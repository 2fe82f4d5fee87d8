// The suite of the promise JobRuns, run on every implementation. A test links
// :job_runs_suite and says how to make it.
#ifndef STORAGE_CONTRACT_JOB_RUNS_CONTRACT_H_
#define STORAGE_CONTRACT_JOB_RUNS_CONTRACT_H_

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "storage/job_runs.h"

namespace masa::storage {

// An implementation under test, empty at first.
class JobRunsUnderTest {
 public:
  virtual ~JobRunsUnderTest() = default;
  virtual JobRuns& runs() = 0;
  // Takes the store away. False when it cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeJobRuns = std::function<std::unique_ptr<JobRunsUnderTest>()>;

class JobRunsContract : public ::testing::TestWithParam<MakeJobRuns> {
 protected:
  void SetUp() override;

  void Record(const char* job, absl::Time at, bool succeeded);
  std::vector<JobRun> Stored();

  const absl::Time now_ = absl::FromUnixMicros(1700000000000003);
  const RequestContext context_ = {"job-1", "", absl::InfiniteFuture()};
  std::unique_ptr<JobRunsUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_JOB_RUNS_CONTRACT_H_
