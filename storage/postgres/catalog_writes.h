// Writes a catalog's records: each is inserted or replaced whole, and those
// that it does not name stay. Called within a transaction's body; throws as
// libpqxx does.
#ifndef STORAGE_POSTGRES_CATALOG_WRITES_H_
#define STORAGE_POSTGRES_CATALOG_WRITES_H_

#include <pqxx/transaction_base>

#include "absl/status/status.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::storage {

// kCertMalformed.
absl::Status WriteCatalog(pqxx::transaction_base& transaction,
                          const masa::v1::Catalog& catalog);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_CATALOG_WRITES_H_
