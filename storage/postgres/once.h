// What callers' request ids stand for, as rows. Called within a transaction's
// body; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_ONCE_H_
#define STORAGE_POSTGRES_ONCE_H_

#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "absl/time/time.h"
#include "storage/group_store.h"

namespace masa::storage {

// Writes what `key` stands for, where there is one. False when it stands for
// something already.
bool Remember(pqxx::transaction_base& transaction,
              const std::optional<OnceKey>& key, const OnceResult& result,
              absl::Time at);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ONCE_H_
