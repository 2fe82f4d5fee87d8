// The database of a configuration: how it is reached, and what is done to it
// once rather than while it is served.
#ifndef SERVICES_MASAD_DATABASE_H_
#define SERVICES_MASAD_DATABASE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/masad/files.h"
#include "storage/postgres/connection_pool.h"

namespace masa::masad {

// The service's own login, as storage says.
absl::StatusOr<storage::ConnectionPool::Options> ServicePoolOptions(
    const Setup& setup);

// `masad migrate` and `masad apply`.
absl::Status MigrateDatabase(const Setup& setup);
absl::Status ApplyCatalog(const Setup& setup, const masa::v1::Catalog& catalog);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_DATABASE_H_
