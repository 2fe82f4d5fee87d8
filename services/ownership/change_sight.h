// Who is told of a change of a device: whoever may see it where it is now, and
// whoever could where it was. Pure.
#ifndef SERVICES_OWNERSHIP_CHANGE_SIGHT_H_
#define SERVICES_OWNERSHIP_CHANGE_SIGHT_H_

#include <vector>

#include "services/ownership/group_access.h"
#include "storage/feed_store.h"
#include "storage/group.h"

namespace masa::ownership {

// Whether an account learns of `change`. `trees` are those in which it has a
// role. A device that was in a group that has gone since counts as one of its
// owner's root group.
bool IsToldOf(const std::vector<storage::OrganizationTree>& trees,
              const Actor& actor, const storage::OwnershipChange& change);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_CHANGE_SIGHT_H_
