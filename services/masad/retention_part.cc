#include "services/masad/retention_part.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"
#include "services/voucher/product_policy.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_job_runs.h"
#include "storage/postgres/retention.h"

namespace masa::masad {
namespace {

absl::Duration FeedKept(const masa::v1::StorageConfig& config) {
  constexpr absl::Duration kUsual = absl::Hours(7 * 24);
  return config.feed_kept_hours() == 0 ? kUsual
                                       : absl::Hours(config.feed_kept_hours());
}

absl::Status ForgetOf(storage::ConnectionPool& pool,
                      const std::string& tenant_id, absl::Duration period,
                      absl::Time feed_before, absl::Time now) {
  const absl::Time before = std::max(now - period, absl::UnixEpoch());
  MASA_ASSIGN_OR_RETURN(
      const storage::Forgotten forgotten,

      storage::Forget(pool, {tenant_id, before, now, feed_before}));
  telemetry::Log(
      telemetry::Level::kInfo, "forgotten",
      {{"tenant", tenant_id},
       {"before", absl::FormatTime(before, absl::UTCTimeZone())},
       {"vouchers", absl::StrCat(forgotten.vouchers)},
       {"changes", absl::StrCat(forgotten.changes)},
       {"claims", absl::StrCat(forgotten.claims)},
       {"registrar_claims", absl::StrCat(forgotten.registrar_claims)},
       {"feed", absl::StrCat(forgotten.feed)}});
  return absl::OkStatus();
}

absl::Status ForgetAll(const masa::v1::StorageConfig& config,
                       storage::ConnectionPool& pool) {
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Catalog catalog,
      storage::PostgresCatalogStore::New(&pool)->ReadPolicies({}));
  const absl::Time now = absl::Now();
  const absl::Time feed_before = now - FeedKept(config);
  absl::Duration longest = absl::ZeroDuration();
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    const absl::Duration period = voucher::Retention(tenant);
    MASA_RETURN_IF_ERROR(
        ForgetOf(pool, tenant.tenant_id(), period, feed_before, now));
    longest = std::max(longest, period);
  }
  // Events of the catalog may be of several tenants: the longest counts.
  return catalog.tenants().empty()
             ? absl::OkStatus()
             : ForgetOf(pool, "", longest, feed_before, now);
}

}  // namespace

absl::Status ForgetOldRecords(const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  storage::ConnectionPool::Options options;
  MASA_ASSIGN_OR_RETURN(options.url, UrlOf(setup, config.retention_url(),
                                           config.retention_url_file()));
  if (options.url.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "storage.retention_url or storage.retention_url_file is "
                  "needed to forget");
  }
  options.role = storage::kRetentionRole;
  options.max_connections = 1;
  options.statement_timeout = absl::Minutes(1);
  storage::ConnectionPool pool(std::move(options));
  const absl::Status forgotten = ForgetAll(config, pool);
  RequestContext context;
  context.deadline = absl::Now() + absl::Seconds(30);
  const absl::Status recorded = storage::PostgresJobRuns::New(&pool)->Record(
      context, storage::kRetentionJob, absl::Now(), forgotten.ok());
  // A run of which nobody hears would be missed all the same.
  return forgotten.ok() ? recorded : forgotten;
}

}  // namespace masa::masad
