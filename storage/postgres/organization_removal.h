// The end of an organisation, and who keeps it from that. The functions throw
// as libpqxx does, so they are called within a transaction's body only.
#ifndef STORAGE_POSTGRES_ORGANIZATION_REMOVAL_H_
#define STORAGE_POSTGRES_ORGANIZATION_REMOVAL_H_

#include <pqxx/transaction_base>

#include "absl/status/status.h"
#include "storage/group_store.h"

namespace masa::storage {

// Removes the organisation's own record and the roles of its accounts; what
// else is in its tree is the change's to name. kStoreConflict when the tree is
// not what it was, kGroupNotEmpty (group_store.h).
absl::Status RemoveOrganization(pqxx::transaction_base& transaction,
                                const TreeChange& change);

// Keeps those organisations to which the change gives rights from being removed
// until the transaction ends. kOrganizationUnknown when one is not there.
absl::Status HoldRightsHolders(pqxx::transaction_base& transaction,
                               const TreeChange& change);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ORGANIZATION_REMOVAL_H_
