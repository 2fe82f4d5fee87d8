// The suite of the promise ReportStore, run on every implementation. A test
// links :reports_suite and says how to make it.
#ifndef STORAGE_CONTRACT_REPORT_CONTRACT_H_
#define STORAGE_CONTRACT_REPORT_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "storage/report_store.h"

namespace masa::storage {

// An implementation under test, empty at first.
class ReportsUnderTest {
 public:
  virtual ~ReportsUnderTest() = default;
  virtual ReportStore& reports() = 0;
  // Of audit events.
  virtual int CountEvents(const std::string& kind) = 0;
  // Takes the store away. False when it cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeReports = std::function<std::unique_ptr<ReportsUnderTest>()>;

class ReportContract : public ::testing::TestWithParam<MakeReports> {
 protected:
  void SetUp() override;

  ReportStore& store() { return under_test_->reports(); }
  // A good one of a device of tenant "a".
  DeviceReport Report() const;
  std::vector<DeviceReport> Stored(char device = 'd');

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  const RequestContext context_ = {"request-1", "", absl::InfiniteFuture()};
  std::unique_ptr<ReportsUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_REPORT_CONTRACT_H_
