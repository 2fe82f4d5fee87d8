// A tenant's log as it is in the store, held against what was said of it
// before. Thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_LOG_TREE_H_
#define SERVICES_ISSUANCE_LOG_TREE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/merkle/growing_tree.h"
#include "services/observe/request_context.h"
#include "services/transparency/signed_note.h"
#include "storage/audit_log.h"

namespace masa::issuance {

// The tiles of the tenant's log, for what merkle asks of them.
absl::StatusOr<merkle::ReadTile> FetchTiles(
    const RequestContext& context, storage::AuditLog& log,
    const std::string& tenant_id, const std::vector<merkle::TileKey>& keys);

// The tree as it grows on from here. kMisconfigured when its edge is not the
// head's.
absl::StatusOr<merkle::GrowingTree> LoadTree(const RequestContext& context,
                                             storage::AuditLog& log,
                                             const std::string& tenant_id);

// kMisconfigured unless the log in the store begins with the one that the
// checkpoint is of, and has at least as many entries. `where` names where the
// checkpoint is, for the refusal.
absl::Status CheckContinues(const RequestContext& context,
                            storage::AuditLog& log,
                            const std::string& tenant_id,
                            const std::string& note,
                            const transparency::NoteKey& key,
                            absl::string_view where);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_LOG_TREE_H_
