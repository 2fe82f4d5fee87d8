#include "services/ownership/group_access.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

struct Demand {
  Act act;
  Power least;
};

// By the number of the act. SUPPORT may all but delegate (O1 apart, which
// role_plans.h decides).
constexpr Demand kDemands[] = {
    {Act::kSee, Power::kRequestor},
    {Act::kGetVoucher, Power::kRequestor},
    {Act::kPlaceDevice, Power::kAssigner},
    {Act::kKeepCert, Power::kAssigner},
    {Act::kKeepGroup, Power::kAdmin},
    {Act::kGiveRole, Power::kAdmin},
    {Act::kDelegate, Power::kAdmin},
};

// Never leaves the process: no face reads it.
constexpr absl::string_view kForeignUrl = "masa.v1/foreign";

absl::Status RoleDoesNotSuffice() {
  return Refuse(Reason::kPermissionDenied,
                "this account's role in the group does not allow this; an "
                "administrator of the group can give another");
}

// Support and other organisations' accounts may all else, but this.
bool MayDelegate(const storage::OrganizationTree& tree, const Actor& actor) {
  return !actor.support && actor.account.organization_id == tree.id() &&
         PowerIn(tree, actor, tree.id()) >= Power::kAdmin;
}

}  // namespace

Actor ActorOf(const identity::Principal& caller, bool is_told_of_foreign) {
  Actor actor;
  actor.support = caller.role == identity::Role::kOperator;
  actor.account.organization_id = caller.organization_id;
  actor.account.username = caller.username;
  actor.account.type = caller.is_service_account
                           ? storage::AccountType::kServiceAccount
                           : storage::AccountType::kUser;
  actor.is_told_of_foreign = is_told_of_foreign;
  return actor;
}

std::vector<std::string> PathUp(const storage::OrganizationTree& tree,
                                const std::string& group_id) {
  std::vector<std::string> path;
  auto found = tree.groups.find(group_id);
  // No longer than there are groups, whatever the records say.
  while (found != tree.groups.end() && path.size() < tree.groups.size()) {
    path.push_back(found->first);
    found = tree.groups.find(found->second.parent_id);
  }
  return path;
}

Power PowerIn(const storage::OrganizationTree& tree, const Actor& actor,
              const std::string& group_id) {
  if (actor.support) {
    return Power::kSupport;
  }
  const std::vector<std::string> path = PathUp(tree, group_id);
  Power power = Power::kNone;
  for (const storage::Binding& binding : tree.bindings) {
    if (binding.account == actor.account &&
        std::find(path.begin(), path.end(), binding.group_id) != path.end()) {
      power = std::max(power, static_cast<Power>(binding.role));
    }
  }
  return power;
}

absl::Status CheckMay(const storage::OrganizationTree& tree, const Actor& actor,
                      const std::string& group_id, Act act) {
  if (!tree.groups.contains(group_id)) {
    return GroupNotFound();
  }
  const Power power = PowerIn(tree, actor, group_id);
  if (power == Power::kNone) {
    return Foreign(actor, GroupNotFound());
  }
  const bool may = act == Act::kDelegate
                       ? MayDelegate(tree, actor)
                       : power >= kDemands[static_cast<int>(act)].least;
  return may ? absl::OkStatus() : RoleDoesNotSuffice();
}

absl::Status GroupNotFound() {
  return Refuse(Reason::kGroupNotFound,
                "there is no such group, or this account has no role in it");
}

absl::Status DeviceNotFound() {
  return Refuse(Reason::kDeviceUnknown,
                "there is no such device, or this account has no role in its "
                "groups");
}

absl::Status Foreign(const Actor& actor, const absl::Status& unknown) {
  return actor.is_told_of_foreign
             ? AsForeign(Refuse(Reason::kPermissionDenied, unknown.message()))
             : unknown;
}

absl::Status AsForeign(const absl::Status& status) {
  absl::Status marked = status;
  marked.SetPayload(kForeignUrl, absl::Cord());
  return marked;
}

bool IsForeign(const absl::Status& status) {
  return status.GetPayload(kForeignUrl).has_value();
}

}  // namespace masa::ownership
