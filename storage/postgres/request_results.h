// What callers' own request ids stand for. The functions throw as libpqxx
// does, so they are called within a transaction's body only.
#ifndef STORAGE_POSTGRES_REQUEST_RESULTS_H_
#define STORAGE_POSTGRES_REQUEST_RESULTS_H_

#include <optional>
#include <pqxx/transaction_base>

#include "absl/time/time.h"
#include "storage/once.h"

namespace masa::storage {

// False when the id stands for something already; waits for those who are
// about to say so. True without a key.
bool RememberResult(pqxx::transaction_base& transaction,
                    const std::optional<OnceKey>& key, const OnceResult& result,
                    absl::Time at);

// The same of a change whose repeat needs no more than that it was made.
bool RememberOrder(pqxx::transaction_base& transaction,
                   const std::optional<OnceOrder>& once, absl::Time at);

std::optional<OnceResult> RecallResult(pqxx::transaction_base& transaction,
                                       const OnceKey& key);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_REQUEST_RESULTS_H_
