// The database of an authority: pool, stores, group commit, metrics around
// them.
#ifndef SERVICES_MASAD_STORE_PART_H_
#define SERVICES_MASAD_STORE_PART_H_

#include <memory>

#include "services/masad/files.h"
#include "services/masad/stores.h"
#include "services/telemetry/decorators.h"
#include "services/telemetry/store_metrics.h"
#include "storage/batching/batching_catalog_store.h"
#include "storage/batching/batching_device_store.h"
#include "storage/batching/batching_issuance_log.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_audit_log.h"
#include "storage/postgres/postgres_audit_sequence.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_certificate_store.h"
#include "storage/postgres/postgres_claim_store.h"
#include "storage/postgres/postgres_device_registry.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_feed_store.h"
#include "storage/postgres/postgres_group_store.h"
#include "storage/postgres/postgres_history_store.h"
#include "storage/postgres/postgres_import_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/postgres_issued_vouchers.h"
#include "storage/postgres/postgres_job_runs.h"
#include "storage/postgres/postgres_key_store.h"
#include "storage/postgres/postgres_owned_devices.h"
#include "storage/postgres/postgres_report_store.h"
#include "storage/postgres/postgres_standing_store.h"
#include "storage/postgres/postgres_status_store.h"
#include "storage/postgres/postgres_transfer_store.h"
#include "storage/postgres/postgres_verification_store.h"
#include "storage/postgres/postgres_voucher_job_store.h"

namespace masa::masad {

class StorePart {
 public:
  // Connects when first used. `metrics` outlives it.
  static absl::StatusOr<std::unique_ptr<StorePart>> New(
      const Setup& setup, telemetry::Metrics& metrics);

  // Gathers single items from many callers.
  Stores gathered() {
    return {batching_catalog_,
            batching_devices_,
            batching_,
            *claims_,
            *owned_,
            *groups_,
            *registry_,
            *imports_,
            *histories_,
            *transfers_,
            *feed_,
            *standings_,
            *keys_,
            *issued_,
            *jobs_};
  }
  // Takes what it is given as one batch.
  Stores direct() {
    return {*catalog_, *devices_,   metered_,  *claims_,    *owned_,
            *groups_,  *registry_,  *imports_, *histories_, *transfers_,
            *feed_,    *standings_, *keys_,    *issued_,    *jobs_};
  }

  storage::AuditLog& audit_log() { return *audit_log_; }
  storage::AuditSequence& audit_sequence() { return *audit_sequence_; }
  storage::CertificateStore& certificates() { return *certificates_; }
  storage::StatusStore& statuses() { return *statuses_; }
  storage::ReportStore& reports() { return *reports_; }
  storage::VerificationStore& verifications() { return *verifications_; }
  storage::JobRuns& job_runs() { return *job_runs_; }

  // kStoreUnavailable, or kMisconfigured for a schema that does not fit.
  absl::Status Ready();

 private:
  StorePart(storage::ConnectionPool::Options options,
            telemetry::Metrics& metrics);
  storage::ConnectionPool::Options Observed(
      storage::ConnectionPool::Options options);

  telemetry::StoreMetrics pool_metrics_;
  storage::ConnectionPool pool_;
  const std::unique_ptr<storage::PostgresCatalogStore> catalog_;
  const std::unique_ptr<storage::PostgresDeviceStore> devices_;
  const std::unique_ptr<storage::PostgresIssuanceLog> log_;
  const std::unique_ptr<storage::PostgresClaimStore> claims_;
  const std::unique_ptr<storage::PostgresOwnedDevices> owned_;
  const std::unique_ptr<storage::PostgresGroupStore> groups_;
  const std::unique_ptr<storage::PostgresDeviceRegistry> registry_;
  const std::unique_ptr<storage::PostgresImportStore> imports_;
  const std::unique_ptr<storage::PostgresHistoryStore> histories_;
  const std::unique_ptr<storage::PostgresTransferStore> transfers_;
  const std::unique_ptr<storage::PostgresFeedStore> feed_;
  const std::unique_ptr<storage::PostgresStandingStore> standings_;
  const std::unique_ptr<storage::PostgresKeyStore> keys_;
  const std::unique_ptr<storage::PostgresIssuedVouchers> issued_;
  const std::unique_ptr<storage::PostgresVoucherJobStore> jobs_;
  const std::unique_ptr<storage::PostgresAuditLog> audit_log_;
  const std::unique_ptr<storage::PostgresAuditSequence> audit_sequence_;
  const std::unique_ptr<storage::PostgresCertificateStore> certificates_;
  const std::unique_ptr<storage::PostgresStatusStore> statuses_;
  const std::unique_ptr<storage::PostgresReportStore> reports_;
  const std::unique_ptr<storage::PostgresVerificationStore> verifications_;
  const std::unique_ptr<storage::PostgresJobRuns> job_runs_;
  telemetry::MeteredIssuanceLog metered_;
  storage::BatchingCatalogStore batching_catalog_;
  storage::BatchingDeviceStore batching_devices_;
  storage::BatchingIssuanceLog batching_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_STORE_PART_H_
