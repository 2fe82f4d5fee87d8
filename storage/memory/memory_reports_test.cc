#include "storage/memory/memory_reports.h"

#include <algorithm>

#include "storage/contract/report_contract.h"

namespace masa::storage {
namespace {

class MemoryUnderTest final : public ReportsUnderTest {
 public:
  ReportStore& reports() override { return reports_; }
  int CountEvents(const std::string& kind) override {
    const auto events = store_.Events();
    return static_cast<int>(
        std::count_if(events.begin(), events.end(),
                      [&](const AuditEvent& one) { return one.kind == kind; }));
  }
  bool Stop() override {
    store_.Stop(true);
    return true;
  }
  void Restart() override { store_.Stop(false); }

 private:
  MemoryStore store_;
  MemoryReports reports_{store_};
};

INSTANTIATE_TEST_SUITE_P(Memory, ReportContract,
                         ::testing::Values(MakeReports([] {
                           return std::make_unique<MemoryUnderTest>();
                         })));

}  // namespace
}  // namespace masa::storage
