// Who may do what in which group: roles are given in groups and hold below
// them, the stronger wins, and from below nobody sees what is above. Pure.
#ifndef SERVICES_OWNERSHIP_GROUP_ACCESS_H_
#define SERVICES_OWNERSHIP_GROUP_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/identity/principal.h"
#include "storage/group.h"

namespace masa::ownership {

// Who acts. An operator of the manufacturer has SUPPORT in every organisation
// of its tenant.
struct Actor {
  bool support = false;
  storage::Account account;
  // What is not this actor's to see is said to be denied, as OVGS has it,
  // instead of unknown.
  bool is_told_of_foreign = false;
};

Actor ActorOf(const identity::Principal& caller, bool is_told_of_foreign);

// The stronger is the greater.
enum class Power {
  kNone = 0,
  kRequestor = 1,
  kAssigner = 2,
  kAdmin = 3,
  kSupport = 4
};

// What is done in a group. The table in group_access.cc says who may.
enum class Act {
  kSee = 0,  // GetGroup, GetComponents, GetSerial, GetDomainCert, roles
  kGetVoucher,
  kPlaceDevice,
  kKeepCert,
  kKeepGroup,
  kGiveRole,
  kDelegate,  // in the root group, by its own accounts
};

inline constexpr Act kAllActs[] = {
    Act::kSee,       Act::kGetVoucher, Act::kPlaceDevice, Act::kKeepCert,
    Act::kKeepGroup, Act::kGiveRole,   Act::kDelegate};

// The group itself first, the root last; empty when there is no such group.
std::vector<std::string> PathUp(const storage::OrganizationTree& tree,
                                const std::string& group_id);

Power PowerIn(const storage::OrganizationTree& tree, const Actor& actor,
              const std::string& group_id);

// kGroupNotFound; kPermissionDenied for a role that does not suffice, and for
// no role where the actor is told of what is foreign. Of groups, devices and
// certificates the sentence is one for unknown and foreign (O13).
absl::Status CheckMay(const storage::OrganizationTree& tree, const Actor& actor,
                      const std::string& group_id, Act act);

// The same for a group that is nowhere in the tenant.
absl::Status GroupNotFound();
// For a device that is nowhere in the tenant.
absl::Status DeviceNotFound();

// What an actor without a role hears of what is somebody else's: `unknown`, or
// a denial in the same words where the actor is told of what is foreign.
absl::Status Foreign(const Actor& actor, const absl::Status& unknown);
// The same refusal, known to IsForeign.
absl::Status AsForeign(const absl::Status& status);
// Whether it is one, which no caller sees in it, or a denial of Foreign's: for
// counting who tries (O13).
bool IsForeign(const absl::Status& status);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_GROUP_ACCESS_H_
