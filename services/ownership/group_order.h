// Groups in the order of their tree. Pure.
#ifndef SERVICES_OWNERSHIP_GROUP_ORDER_H_
#define SERVICES_OWNERSHIP_GROUP_ORDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/group.h"

namespace masa::ownership {

// The group and all below it, each behind its parent, sisters by id.
// kGroupNotFound, kGroupTooLarge for more than `most`.
absl::StatusOr<std::vector<storage::Group>> GroupsFrom(
    const std::map<std::string, storage::Group>& groups,
    const std::string& group_id, size_t most);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_GROUP_ORDER_H_
