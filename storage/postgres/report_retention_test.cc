// What devices told goes with the tenant's period (CR-29, SE-08).
#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_report_store.h"
#include "storage/postgres/retention.h"

namespace masa::storage {
namespace {

DeviceReport Report(const std::string& tenant, char device, absl::Time at) {
  DeviceReport report;
  report.tenant_id = tenant;
  report.bucket = 7;
  report.device_id = std::string(16, device);
  report.at = at;
  report.version = 1;
  report.reason = "its own words";
  report.actor = "device:00";
  return report;
}

TEST(ReportRetention, OldReportsAreForgottenAndNothingElse) {
  ASSERT_TRUE(SharedServer().Empty().ok());
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  ConnectionPool forgetter(
      {.url = SharedServer().Url(PostgresServer::kMigrator),
       .role = kRetentionRole});
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  const absl::Time before = now - absl::Hours(24);
  const absl::Time old = before - absl::Hours(1);
  const auto store = PostgresReportStore::New(&pool);
  ASSERT_TRUE(store
                  ->Record({}, {Report("a", 'o', old), Report("a", 'p', old),
                                Report("a", 'y', now), Report("b", 'f', old)})
                  .ok());
  const auto forgotten = Forget(forgetter, {"a", before, now}, 1);
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  const auto left = [&store](char device) {
    return store->ReportsOf({}, 7, std::string(16, device))->size();
  };
  EXPECT_EQ(left('o'), 0u);
  EXPECT_EQ(left('p'), 0u);
  EXPECT_EQ(left('y'), 1u);
  EXPECT_EQ(left('f'), 1u);
}

}  // namespace
}  // namespace masa::storage
