#include "storage/contract/report_contract.h"

#include "services/status/reason.h"

namespace masa::storage {

void ReportContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
}

DeviceReport ReportContract::Report() const {
  DeviceReport report;
  report.tenant_id = "a";
  report.bucket = 7;
  report.device_id = std::string(16, 'd');
  report.kind = ReportKind::kVoucherStatus;
  report.is_proven = true;
  report.at = now_ + absl::Microseconds(3);
  report.version = 1;
  report.success = false;
  report.reason = "no anchor for \"this\" voucher";
  report.context_json = R"({"pinned":{"sha256":"00"}})";
  report.actor = "device:00";
  report.request_id = "request-1";
  return report;
}

std::vector<DeviceReport> ReportContract::Stored(char device) {
  auto found = store().ReportsOf(context_, 7, std::string(16, device));
  EXPECT_TRUE(found.ok()) << found.status();
  return found.value_or(std::vector<DeviceReport>());
}

TEST_P(ReportContract, IsReadBackAsItWasWrittenButForWhoAsked) {
  ASSERT_TRUE(store().Record(context_, {Report()}).ok());
  DeviceReport expected = Report();
  expected.actor.clear();
  expected.request_id.clear();
  EXPECT_EQ(Stored(), std::vector<DeviceReport>{expected});
  EXPECT_TRUE(Stored('e').empty());
  EXPECT_EQ(under_test_->CountEvents(kDeviceReported), 1);
}

TEST_P(ReportContract, TheNewestStandsAndEachHasItsEvent) {
  DeviceReport newer = Report();
  newer.at += absl::Seconds(1);
  newer.success = true;
  newer.reason = "";
  // Within a call and across calls, whichever comes first.
  ASSERT_TRUE(store().Record(context_, {newer, Report()}).ok());
  ASSERT_TRUE(store().Record(context_, {Report()}).ok());
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_TRUE(Stored()[0].success);
  DeviceReport newest = newer;
  newest.at += absl::Seconds(1);
  newest.version = 2;
  ASSERT_TRUE(store().Record(context_, {newest}).ok());
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored()[0].version, 2);
  EXPECT_EQ(under_test_->CountEvents(kDeviceReported), 4);
}

TEST_P(ReportContract, KindsAndStrangersStandBesideEachOther) {
  DeviceReport enrolled = Report();
  enrolled.kind = ReportKind::kEnrollStatus;
  enrolled.at += absl::Seconds(2);
  DeviceReport claimed = enrolled;
  claimed.is_proven = false;
  claimed.at += absl::Seconds(2);
  ASSERT_TRUE(store().Record(context_, {Report(), enrolled, claimed}).ok());
  const auto stored = Stored();
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_FALSE(stored[0].is_proven);
  EXPECT_EQ(stored[1].kind, ReportKind::kEnrollStatus);
  EXPECT_TRUE(stored[1].is_proven);
  EXPECT_EQ(stored[2].kind, ReportKind::kVoucherStatus);
}

TEST_P(ReportContract, ABadReportLeavesNothingOfItsCall) {
  DeviceReport bad = Report();
  bad.device_id = std::string(16, 'e');
  for (const auto& spoil :
       {+[](DeviceReport& one) { one.reason = std::string("a\0b", 3); },
        +[](DeviceReport& one) { one.context_json = "\xff"; },
        +[](DeviceReport& one) { one.device_id = "short"; },
        +[](DeviceReport& one) { one.tenant_id = ""; }}) {
    DeviceReport spoilt = bad;
    spoil(spoilt);
    EXPECT_EQ(ReasonOf(store().Record(context_, {Report(), spoilt})),
              Reason::kInvalidArgument);
  }
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(under_test_->CountEvents(kDeviceReported), 0);
}

TEST_P(ReportContract, AStoreThatIsAwaySaysSo) {
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "the server is not ours to stop";
  }
  EXPECT_EQ(ReasonOf(store().Record(context_, {Report()})),
            Reason::kStoreUnavailable);
  EXPECT_EQ(ReasonOf(store().ReportsOf(context_, 7, "x").status()),
            Reason::kStoreUnavailable);
  under_test_->Restart();
  EXPECT_TRUE(store().Record(context_, {Report()}).ok());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReportContract);

}  // namespace masa::storage
