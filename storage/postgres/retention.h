// Forgets, after a tenant's period, who asked for what, and the octets of
// vouchers that are of no more use (SE-08, AL-26). What a voucher's audit log
// shows, and every audit event, stays as it is. Called by `masad retention`,
// as the role masa_retention; what is kept how long stands in
// storage/PERSONAL_DATA.md.
#ifndef STORAGE_POSTGRES_RETENTION_H_
#define STORAGE_POSTGRES_RETENTION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

struct RetentionOrder {
  std::string tenant_id;  // empty: what was done to the catalog itself
  absl::Time before;      // what is older is forgotten
  absl::Time now;
  // What the feed of ownership changes holds of before this is deleted, but
  // nothing that came behind what stays.
  absl::Time feed_before = absl::UnixEpoch();
};

// How many rows of each table were cleared or deleted.
struct Forgotten {
  int64_t vouchers = 0;
  int64_t changes = 0;
  int64_t claims = 0;
  int64_t registrar_claims = 0;
  int64_t feed = 0;
};

// Writes the order as an audit event first, then works in batches of at most
// `batch` rows, each of its own transaction: it may be stopped anywhere, and
// run again or twice at once. Blocks for as long as there is something to
// forget; kStoreUnavailable and its like from the store.
absl::StatusOr<Forgotten> Forget(ConnectionPool& pool,
                                 const RetentionOrder& order, int batch = 500);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_RETENTION_H_
