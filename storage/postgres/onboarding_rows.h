// Onboarding records of an organisation's groups as rows. Called within a
// transaction's body; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_ONBOARDING_ROWS_H_
#define STORAGE_POSTGRES_ONBOARDING_ROWS_H_

#include <pqxx/transaction_base>

#include "storage/group_store.h"

namespace masa::storage {

// Writes and removes what `change` says of onboarding.
void WriteOnboardings(pqxx::transaction_base& transaction,
                      const TreeChange& change);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ONBOARDING_ROWS_H_
