// Who may read what a device told.
#include "services/issuance/serve_reports.h"

#include "gtest/gtest.h"
#include "services/issuance/test_pledge_desk.h"

namespace masa::issuance {
namespace {

TEST_F(PledgeDeskTest, ReportsAreForThoseWhoMaySeeTheDevice) {
  const auto found = store_.Find({}, {{{"acme", "OWNED-1", {}}, ""}});
  storage::DeviceReport report;
  report.tenant_id = "acme";
  report.bucket = found[0]->device.bucket;
  report.device_id = found[0]->device.device_id;
  report.at = Noon();
  report.version = 1;
  ASSERT_TRUE(reports_.Record({}, {report}).ok());
  ServeReports desk(store_, store_, *policies_, reports_);
  const auto told = [&desk](const identity::Principal& caller) {
    return desk.ListReports({}, caller, {"acme", "OWNED-1", {}});
  };
  const identity::Principal op = {identity::Role::kOperator, "op", "acme", ""};
  const identity::Principal owner = {identity::Role::kCustomer, "owner", "acme",
                                     "org-acme", kAccount};
  const identity::Principal other = {identity::Role::kCustomer, "other", "acme",
                                     "org-other", kAccount};
  ASSERT_TRUE(told(op).ok()) << told(op).status();
  EXPECT_EQ(told(op)->size(), 1u);
  ASSERT_TRUE(told(owner).ok()) << told(owner).status();
  EXPECT_EQ(ReasonOf(told(other).status()), Reason::kDeviceUnknown);
}

}  // namespace
}  // namespace masa::issuance
