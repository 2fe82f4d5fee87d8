// Whether the tables of a database that was restored are of one moment: what
// is written in one transaction is there together. Called by `masad
// verify-backup`. Thread-safe; blocks for as long as the tables are read.
#ifndef STORAGE_POSTGRES_TABLE_AGREEMENT_H_
#define STORAGE_POSTGRES_TABLE_AGREEMENT_H_

#include "absl/status/status.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

// OK when every event is in the log or waits for it, every voucher has its
// event and every event of an issuance its voucher. kSignatureInvalid, with
// numbers, when not; kStoreUnavailable and its like from the store. One
// statement, so that a replica that goes on meanwhile is seen at one moment.
absl::Status CheckTablesAgree(ConnectionPool& pool);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_TABLE_AGREEMENT_H_
