#include "services/masad/store_part.h"

#include "absl/time/clock.h"
#include "services/enrollment/profile.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "storage/postgres/migrate.h"

namespace masa::masad {
namespace {

constexpr char kServiceRole[] = "masa_service";

absl::Status CheckCatalog(const masa::v1::Catalog& catalog) {
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    MASA_RETURN_IF_ERROR(voucher::CheckTenant(tenant));
    MASA_RETURN_IF_ERROR(enrollment::CheckProfiles(tenant));
  }
  for (const masa::v1::Product& product : catalog.products()) {
    MASA_RETURN_IF_ERROR(voucher::CheckProduct(product));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<storage::ConnectionPool::Options> ServicePoolOptions(
    const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  storage::ConnectionPool::Options options;
  MASA_ASSIGN_OR_RETURN(options.url, UrlOf(setup, config.database_url(),
                                           config.database_url_file()));
  if (config.database_url().empty()) {
    // Read anew for each connection: its password is changed while we run.
    options.read_url = [setup] {
      return UrlOf(setup, "", setup.config.storage().database_url_file());
    };
  }
  options.role = config.service_role();
  if (config.max_connections() != 0) {
    options.max_connections = static_cast<int>(config.max_connections());
  }
  return options;
}

StorePart::StorePart(storage::ConnectionPool::Options options,
                     telemetry::Metrics& metrics)
    : pool_metrics_(metrics.registry(), options.max_connections),
      pool_(Observed(std::move(options))),
      catalog_(storage::PostgresCatalogStore::New(&pool_)),
      devices_(storage::PostgresDeviceStore::New(&pool_)),
      log_(storage::PostgresIssuanceLog::New(&pool_)),
      claims_(storage::PostgresClaimStore::New(&pool_)),
      owned_(storage::PostgresOwnedDevices::New(&pool_)),
      groups_(storage::PostgresGroupStore::New(&pool_)),
      registry_(storage::PostgresDeviceRegistry::New(&pool_)),
      imports_(storage::PostgresImportStore::New(&pool_)),
      histories_(storage::PostgresHistoryStore::New(&pool_)),
      transfers_(storage::PostgresTransferStore::New(&pool_)),
      feed_(storage::PostgresFeedStore::New(&pool_)),
      standings_(storage::PostgresStandingStore::New(&pool_)),
      keys_(storage::PostgresKeyStore::New(&pool_)),
      issued_(storage::PostgresIssuedVouchers::New(&pool_)),
      jobs_(storage::PostgresVoucherJobStore::New(&pool_)),
      audit_log_(storage::PostgresAuditLog::New(&pool_)),
      audit_sequence_(storage::PostgresAuditSequence::New(&pool_)),
      certificates_(storage::PostgresCertificateStore::New(&pool_)),
      statuses_(storage::PostgresStatusStore::New(&pool_)),
      reports_(storage::PostgresReportStore::New(&pool_)),
      verifications_(storage::PostgresVerificationStore::New(&pool_)),
      job_runs_(storage::PostgresJobRuns::New(&pool_)),
      metered_(*log_, metrics),
      batching_catalog_(*catalog_),
      batching_devices_(*devices_),
      batching_(metered_) {}

absl::StatusOr<std::unique_ptr<StorePart>> StorePart::New(
    const Setup& setup, telemetry::Metrics& metrics) {
  MASA_ASSIGN_OR_RETURN(auto options, ServicePoolOptions(setup));
  return std::unique_ptr<StorePart>(new StorePart(std::move(options), metrics));
}

storage::ConnectionPool::Options StorePart::Observed(
    storage::ConnectionPool::Options options) {
  options.events = &pool_metrics_;
  return options;
}

absl::Status StorePart::Ready() { return storage::CheckSchema(pool_); }

absl::Status MigrateDatabase(const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  MASA_ASSIGN_OR_RETURN(
      const std::string url,
      UrlOf(setup, config.migration_url(), config.migration_url_file()));
  if (url.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "storage.migration_url or storage.migration_url_file is "
                  "needed to migrate");
  }
  return storage::Migrate(url, kServiceRole);
}

absl::Status ApplyCatalog(const Setup& setup,
                          const masa::v1::Catalog& catalog) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  MASA_ASSIGN_OR_RETURN(auto options, ServicePoolOptions(setup));
  storage::ConnectionPool pool(std::move(options));
  RequestContext context;
  context.deadline = absl::Now() + absl::Seconds(30);
  return storage::PostgresCatalogStore::New(&pool)->Apply(
      context, "masad apply", absl::Now(), catalog);
}

}  // namespace masa::masad
