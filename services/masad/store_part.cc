#include "services/masad/store_part.h"

#include "services/masad/database.h"
#include "services/status/macros.h"
#include "storage/postgres/migrate.h"

namespace masa::masad {

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

}  // namespace masa::masad
