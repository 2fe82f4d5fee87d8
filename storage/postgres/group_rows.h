// Organisations' trees as rows: how they are read in one statement, and
// written record by record. Called within a transaction's body; throws as
// libpqxx does.
#ifndef STORAGE_POSTGRES_GROUP_ROWS_H_
#define STORAGE_POSTGRES_GROUP_ROWS_H_

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/group_store.h"

namespace masa::storage {

// A group as devices and certificates name it: the root by nothing.
std::string GroupColumn(const std::string& group_id,
                        const std::string& organization_id);

// By organisation id. Fails for a definition that does not parse.
absl::StatusOr<std::vector<OrganizationTree>> SelectTrees(
    pqxx::transaction_base& transaction, const TreeQuestion& question);

// False when the tree's version is not the expected one.
bool AdvanceTree(pqxx::transaction_base& transaction, const TreeChange& change);

// Removes and writes what `change` says. kGroupNotEmpty.
absl::Status WriteTree(pqxx::transaction_base& transaction,
                       const TreeChange& change);

// Holds the group until the transaction ends, so that it is not removed
// meanwhile; false when it is not there.
bool HoldGroup(pqxx::transaction_base& transaction,
               const std::string& tenant_id, const std::string& organization_id,
               const std::string& group_id);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_GROUP_ROWS_H_
