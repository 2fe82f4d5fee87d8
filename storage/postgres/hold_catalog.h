// The catalog's records as they are before a write, for its audit event. Called
// within a transaction's body; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_HOLD_CATALOG_H_
#define STORAGE_POSTGRES_HOLD_CATALOG_H_

#include <pqxx/transaction_base>

#include "absl/status/status.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::storage {

// Puts into `before` those tenants, products and customers of `catalog` that
// there are. Until the transaction ends nobody else writes them, or makes those
// that there are not. DataLoss when a record cannot be read.
absl::Status HoldCatalog(pqxx::transaction_base& transaction,
                         const masa::v1::Catalog& catalog,
                         masa::v1::Catalog* before);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_HOLD_CATALOG_H_
