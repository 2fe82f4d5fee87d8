// The audit event of a change to an organisation's tree. Pure.
#ifndef STORAGE_TREE_EVENT_H_
#define STORAGE_TREE_EVENT_H_

#include <string>

#include "absl/time/time.h"
#include "storage/audit_event.h"
#include "storage/group.h"
#include "storage/group_store.h"

namespace masa::storage {

// What stands for an account in the audit log, which outlives names.
std::string AccountHash(const std::string& tenant_id, const Account& account);

// Those records of the tree which the change writes or removes.
TreeRecords RecordsBefore(const OrganizationTree& tree,
                          const TreeChange& change);

AuditEvent TreeEvent(const TreeChange& change, const std::string& actor,
                     absl::Time at, const std::string& request_id);

}  // namespace masa::storage

#endif  // STORAGE_TREE_EVENT_H_
