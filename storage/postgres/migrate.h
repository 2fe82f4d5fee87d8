// Brings a database to this program's schema: `masad migrate`, under a role
// that owns the tables. The service's role is only granted what it needs; it
// may add audit events and read them, never change them (AL-23).
#ifndef STORAGE_POSTGRES_MIGRATE_H_
#define STORAGE_POSTGRES_MIGRATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

// The group role of `masad retention`.
inline constexpr char kRetentionRole[] = "masa_retention";

// The group role of who looks after the service: reads what is nobody's name
// and no secret, and writes nothing.
inline constexpr char kSupportRole[] = "masa_support";

// The schema that this program is written for.
int NewestSchemaVersion();

// Makes the group roles `service_role`, kRetentionRole and kSupportRole if they
// are missing (NOLOGIN), applies the migrations that are missing, each in one
// transaction, and sets the grants. Safe to call again and from two processes.
// Waits for locks two seconds at a time, so that a live service is served
// behind a long reader; kStoreConflict when one keeps a lock for ten minutes.
// kMisconfigured when the database has a newer schema, kStoreUnavailable when
// it cannot be reached.
absl::Status Migrate(const std::string& url,
                     const std::string& service_role = "masa_service");

// The version that the database has; 0 without any. Readable by the service.
absl::StatusOr<int> SchemaVersion(ConnectionPool& pool);

// kMisconfigured unless the database has at least this program's schema, and
// kStoreUnavailable when it does not answer: what /readyz asks.
absl::Status CheckSchema(ConnectionPool& pool);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_MIGRATE_H_
