#include "storage/postgres/migrate.h"

#include <algorithm>
#include <pqxx/nontransaction>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/postgres/migrations.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr char kCreateVersions[] =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    "version integer PRIMARY KEY, applied_at timestamptz NOT NULL)";

// What a role may do with each table, and nothing else.
struct Grant {
  const char* table;
  const char* rights;
};

constexpr Grant kServiceGrants[] = {
    {"access_bindings", "SELECT, INSERT, UPDATE, DELETE"},
    {"audit_checkpoints", "SELECT, INSERT"},
    {"audit_entries", "SELECT, INSERT, UPDATE (event_ids, commitments)"},
    {"audit_events", "SELECT, INSERT"},
    {"audit_heads", "SELECT, INSERT, UPDATE (size, root)"},
    {"audit_lease", "SELECT, INSERT, UPDATE"},
    {"audit_outbox", "SELECT, INSERT, DELETE"},
    {"audit_places", "SELECT, INSERT"},
    {"audit_tiles", "SELECT, INSERT, UPDATE (hashes)"},
    {"audit_verifications",
     "SELECT, INSERT, UPDATE (ready_at, ended_at, record)"},
    {"blocked_domains", "SELECT, INSERT, UPDATE"},
    {"changes", "SELECT, INSERT"},
    {"claims", "SELECT, INSERT, UPDATE"},
    {"delegations", "SELECT, INSERT, DELETE"},
    {"device_reports", "SELECT, INSERT, UPDATE"},
    {"device_serials", "SELECT, INSERT, UPDATE"},
    {"devices", "SELECT, INSERT, UPDATE"},
    {"domain_certs", "SELECT, INSERT, UPDATE, DELETE"},
    {"enrollment_permits", "SELECT, INSERT, DELETE"},
    {"groups", "SELECT, INSERT, UPDATE, DELETE"},
    {"issued_certificates",
     "SELECT, INSERT, UPDATE (revoked_at, revocation_reason)"},
    {"job_runs", "SELECT, INSERT, UPDATE (succeeded_at, failed_at)"},
    {"key_versions", "SELECT, INSERT, UPDATE"},
    {"onboardings", "SELECT, INSERT, UPDATE, DELETE"},
    {"imports", "SELECT, INSERT, UPDATE"},
    {"organizations", "SELECT, INSERT, UPDATE, DELETE"},
    {"ownership_batches",
     "SELECT, INSERT, UPDATE (signing_key, signature, chain, signed_at)"},
    {"ownership_entries", "SELECT, INSERT"},
    {"ownership_feed", "SELECT, INSERT"},
    {"ownership_feed_heads", "SELECT, INSERT, UPDATE (position)"},
    {"products", "SELECT, INSERT, UPDATE"},
    {"refused_claims", "SELECT, INSERT, UPDATE"},
    {"registrar_claims", "SELECT, INSERT, UPDATE"},
    {"request_results", "SELECT, INSERT"},
    {"schema_version", "SELECT"},
    {"signed_statuses", "SELECT, INSERT, UPDATE"},
    {"tenants", "SELECT, INSERT, UPDATE"},
    {"transfer_devices", "SELECT, INSERT, UPDATE (hold)"},
    {"transfers", "SELECT, INSERT, UPDATE (state, ended_at, version)"},
    {"voucher_job_batches", "SELECT, INSERT"},
    {"voucher_jobs",
     "SELECT, INSERT, UPDATE (state, ready_at, ended_at, record)"},
    {"vouchers", "SELECT, INSERT"},
};

// `masad retention` (SE-08, AL-26): it forgets who, never what was issued, and
// cannot change an event.
constexpr Grant kRetentionGrants[] = {
    {"audit_events", "INSERT"},
    {"audit_outbox", "INSERT"},
    {"audit_verifications",
     "SELECT (bucket, verification_id, tenant_id, ended_at), DELETE"},
    {"changes", "SELECT, DELETE"},
    {"claims", "SELECT, DELETE"},
    {"device_reports",
     "SELECT (bucket, device_id, kind, is_proven, tenant_id, at), DELETE"},
    {"imports", "SELECT, DELETE"},
    {"job_runs", "SELECT, INSERT, UPDATE (succeeded_at, failed_at)"},
    {"ownership_feed", "SELECT (bucket, tenant_id, position, at), DELETE"},
    {"products", "SELECT"},
    {"registrar_claims", "SELECT, DELETE"},
    {"request_results", "SELECT, DELETE"},
    {"schema_version", "SELECT"},
    {"tenants", "SELECT"},
    {"voucher_job_batches", "SELECT (bucket, job_id, number), DELETE"},
    {"voucher_jobs", "SELECT (bucket, job_id, tenant_id, ended_at), DELETE"},
    {"vouchers", "SELECT, UPDATE (voucher, actor, request_id, who_salt)"},
};

// Who looks for a fault reads where things stand, and no person's name, no
// voucher and no hash of a password (storage/PERSONAL_DATA.md).
constexpr Grant kSupportGrants[] = {
    {"audit_checkpoints", "SELECT"},
    {"audit_events",
     "SELECT (bucket, event_id, kind, at, tenant_id, voucher_id, change_id, "
     "device_id)"},
    {"audit_heads", "SELECT"},
    {"audit_lease", "SELECT"},
    {"audit_outbox", "SELECT (bucket, outbox_id, tenant_id)"},
    {"audit_verifications",
     "SELECT (bucket, verification_id, tenant_id, ready_at, ended_at)"},
    {"blocked_domains", "SELECT (tenant_id, spki_sha256, lifted)"},
    {"changes", "SELECT (change_id, tenant_id, at)"},
    {"claims",
     "SELECT (bucket, claim_id, tenant_id, asked_at, state, device_id, "
     "serial_number)"},
    {"delegations", "SELECT"},
    {"device_reports",
     "SELECT (bucket, device_id, kind, is_proven, tenant_id, at, version, "
     "success)"},
    {"devices",
     "SELECT (bucket, device_id, tenant_id, serial_number, idevid_issuer, "
     "product_id, state, version, organization_id, group_id, created_at, "
     "updated_at, deleted_at)"},
    {"domain_certs",
     "SELECT (tenant_id, cert_id, organization_id, group_id, spki_sha256, "
     "revocation_checks, expires_at)"},
    {"groups",
     "SELECT (tenant_id, group_id, organization_id, parent_id, path, version)"},
    {"imports", "SELECT"},
    {"issued_certificates",
     "SELECT (bucket, certificate_serial, tenant_id, profile, signing_key, "
     "issued_at, not_after, revoked_at, revocation_reason, device_id)"},
    {"job_runs", "SELECT"},
    {"key_versions",
     "SELECT (key, version, tenant_id, created_at, not_before, retired_at, "
     "destroy_asked_at, destroyed_at, revision)"},
    {"organizations", "SELECT (tenant_id, organization_id, tree_version)"},
    {"ownership_entries", "SELECT"},
    {"ownership_feed_heads", "SELECT"},
    {"products", "SELECT"},
    {"refused_claims", "SELECT"},
    {"registrar_claims", "SELECT"},
    {"schema_version", "SELECT"},
    {"tenants", "SELECT"},
    {"transfer_devices", "SELECT"},
    {"transfers", "SELECT"},
    {"voucher_job_batches", "SELECT (bucket, job_id, number)"},
    {"voucher_jobs",
     "SELECT (bucket, job_id, tenant_id, state, ready_at, ended_at)"},
    {"vouchers",
     "SELECT (bucket, device_id, generation, voucher_id, audit_event_id, "
     "tenant_id, format, assertion, created_on, expires_on, signing_key)"},
};

// How often processes that migrate at once may get into each other's way,
// beside once for each migration: a collision there means that one is done.
constexpr size_t kOtherCollisions = 5;

// What a migration has, of one statement and of waiting for locks, and how long
// it leaves the tables alone between two tries.
constexpr absl::Duration kMigrationTakes = absl::Minutes(10);
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(30);

absl::StatusOr<int> ReadVersion(ConnectionPool& pool) {
  int version = 0;
  const auto body = [&version](pqxx::transaction_base& transaction) {
    const pqxx::result exists = transaction.exec(
        "SELECT 1 FROM pg_tables WHERE tablename = 'schema_version' "
        "AND schemaname = current_schema()");
    version = 0;
    if (!exists.empty()) {
      version = transaction
                    .exec1(
                        "SELECT coalesce(max(version), 0) "
                        "FROM schema_version")[0]
                    .as<int>();
    }
    return absl::OkStatus();
  };
  MASA_RETURN_IF_ERROR(
      RunTransaction(pool, {}, TransactionKind::kManyStatements, body));
  return version;
}

absl::Status EnsureRole(ConnectionPool& pool, const std::string& role) {
  return RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&role](pqxx::transaction_base& transaction) {
        const std::string name = transaction.conn().quote_name(role);
        if (transaction
                .exec_params("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
                .empty()) {
          transaction.exec(absl::StrCat("CREATE ROLE ", name, " NOLOGIN"));
        }
        // So that one login can act under it, with fewer rights than it has.
        if (transaction
                .exec_params("SELECT 1 WHERE pg_has_role($1, 'MEMBER')", role)
                .empty()) {
          transaction.exec(absl::StrCat("GRANT ", name, " TO CURRENT_USER"));
        }
        return absl::OkStatus();
      });
}

absl::Status TryOne(ConnectionPool& pool, const Migration& migration) {
  return RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&migration](pqxx::transaction_base& transaction) {
        // Whoever wants a table that a migration waits for waits behind it:
        // for a dump to end, that would be the whole service.
        transaction.exec("SET LOCAL lock_timeout = '2s'");
        // First, so that a second process waits here and then fails on the
        // key, before it repeats the rest.
        transaction.exec_params(
            "INSERT INTO schema_version (version, applied_at) "
            "VALUES ($1, now())",
            migration.version);
        transaction.exec(migration.sql);
        return absl::OkStatus();
      });
}

absl::Status ApplyOne(ConnectionPool& pool, const Migration& migration) {
  const absl::Time latest = absl::Now() + kMigrationTakes;
  for (absl::Duration pause = kFirstPause;;
       pause = std::min(2 * pause, kLongestPause)) {
    absl::Status status = TryOne(pool, migration);
    if (!FoundALockHeld(status) || absl::Now() + pause >= latest) {
      return status;
    }
    // Those who waited behind it are served now.
    absl::SleepFor(pause);
  }
}

absl::Status ApplyMissing(ConnectionPool& pool) {
  MASA_RETURN_IF_ERROR(RunTransaction(pool, {},
                                      TransactionKind::kManyStatements,
                                      [](pqxx::transaction_base& transaction) {
                                        transaction.exec(kCreateVersions);
                                        return absl::OkStatus();
                                      }));
  MASA_ASSIGN_OR_RETURN(const int version, ReadVersion(pool));
  if (version > NewestSchemaVersion()) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the database has schema ", version,
                               ", this program knows ", NewestSchemaVersion()));
  }
  for (const Migration& migration : AllMigrations()) {
    if (migration.version > version) {
      MASA_RETURN_IF_ERROR(ApplyOne(pool, migration));
    }
  }
  return absl::OkStatus();
}

absl::Status SetGrants(ConnectionPool& pool, const std::string& role_name,
                       absl::Span<const Grant> grants) {
  return RunTransaction(
      pool, {}, TransactionKind::kManyStatements,
      [&role_name, grants](pqxx::transaction_base& transaction) {
        const std::string role = transaction.conn().quote_name(role_name);
        for (const Grant& grant : grants) {
          transaction.exec(
              absl::StrCat("REVOKE ALL ON ", grant.table, " FROM ", role));
          transaction.exec(absl::StrCat("GRANT ", grant.rights, " ON ",
                                        grant.table, " TO ", role));
        }
        return absl::OkStatus();
      });
}

absl::Status MigrateOnce(ConnectionPool& pool,
                         const std::string& service_role) {
  MASA_RETURN_IF_ERROR(EnsureRole(pool, service_role));
  MASA_RETURN_IF_ERROR(EnsureRole(pool, kRetentionRole));
  MASA_RETURN_IF_ERROR(EnsureRole(pool, kSupportRole));
  MASA_RETURN_IF_ERROR(ApplyMissing(pool));
  MASA_RETURN_IF_ERROR(SetGrants(pool, service_role, kServiceGrants));
  MASA_RETURN_IF_ERROR(SetGrants(pool, kRetentionRole, kRetentionGrants));
  return SetGrants(pool, kSupportRole, kSupportGrants);
}

}  // namespace

int NewestSchemaVersion() { return AllMigrations().back().version; }

absl::Status Migrate(const std::string& url, const std::string& service_role) {
  ConnectionPool pool(
      {.url = url, .max_connections = 1, .statement_timeout = kMigrationTakes});
  absl::Status status;
  for (size_t i = 0; i < AllMigrations().size() + kOtherCollisions; ++i) {
    status = MigrateOnce(pool, service_role);
    if (!RefusesARow(status)) {
      break;
    }
  }
  return status;
}

absl::StatusOr<int> SchemaVersion(ConnectionPool& pool) {
  return ReadVersion(pool);
}

absl::Status CheckSchema(ConnectionPool& pool) {
  MASA_ASSIGN_OR_RETURN(const int version, ReadVersion(pool));
  if (version < NewestSchemaVersion()) {
    return Refuse(Reason::kMisconfigured,
                  "the database's schema is too old: run masad migrate");
  }
  return absl::OkStatus();
}

}  // namespace masa::storage
