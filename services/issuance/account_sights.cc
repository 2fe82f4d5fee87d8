#include "services/issuance/account_sights.h"

#include "services/issuance/check_ien.h"
#include "services/ownership/group_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

absl::Status AccountSights::CheckMay(const identity::Principal& caller,
                                     const storage::Device& device,
                                     ownership::Act act) {
  if (caller.role == identity::Role::kOperator) {
    return absl::OkStatus();
  }
  const ownership::Actor actor = ownership::ActorOf(caller, false);
  const auto& trees = TreesOf(caller.tenant_id, actor.account);
  MASA_RETURN_IF_ERROR(trees.status());
  const auto tree = trees->find(device.organization_id);
  const absl::Status may =
      tree == trees->end()
          ? NoSuchDevice()
          : ownership::CheckMay(tree->second, actor, ownership::PlaceOf(device),
                                act);
  return ReasonOf(may) == Reason::kGroupNotFound ? NoSuchDevice() : may;
}

const absl::StatusOr<AccountSights::Trees>& AccountSights::TreesOf(
    const std::string& tenant_id, const storage::Account& account) {
  const auto known = trees_.find({tenant_id, account});
  if (known != trees_.end()) {
    return known->second;
  }
  return trees_
      .emplace(std::make_pair(tenant_id, account), Read(tenant_id, account))
      .first->second;
}

absl::StatusOr<AccountSights::Trees> AccountSights::Read(
    const std::string& tenant_id, const storage::Account& account) {
  MASA_ASSIGN_OR_RETURN(
      auto found, groups_.ReadTrees(
                      context_, {tenant_id, storage::TreeQuestion::By::kAccount,
                                 "", account}));
  Trees trees;
  for (storage::OrganizationTree& tree : found) {
    std::string id = tree.id();
    trees.emplace(std::move(id), std::move(tree));
  }
  return trees;
}

absl::StatusOr<storage::Device> FindSeen(storage::DeviceStore& devices,
                                         storage::GroupStore& groups,
                                         Policies& policies,
                                         const RequestContext& context,
                                         const identity::Principal& caller,
                                         storage::DeviceKey key) {
  MASA_RETURN_IF_ERROR(CheckIen(policies, context, caller.tenant_id, key.ien));
  key.tenant_id = caller.tenant_id;
  auto found = devices.Find(context, {{std::move(key), ""}});
  if (!found.front().ok()) {
    return AsPublic(found.front().status(), caller);
  }
  MASA_RETURN_IF_ERROR(
      AccountSights(groups, context)
          .CheckMay(caller, found.front()->device, ownership::Act::kSee));
  return std::move(found.front()->device);
}

absl::StatusOr<absl::Time> ReadsSince(storage::OwnedDevices& owned,
                                      const RequestContext& context,
                                      const identity::Principal& caller,
                                      const storage::Device& device) {
  return caller.role == identity::Role::kOperator
             ? absl::InfinitePast()
             : owned.OwnedSince(context, {device.bucket, device.device_id});
}

absl::Status NoSuchDevice() {
  return Refuse(Reason::kDeviceUnknown,
                "there is no such device; where a serial number names several, "
                "idevid_issuer_ski tells them apart");
}

absl::Status AsPublic(const absl::Status& status,
                      const identity::Principal& caller) {
  const Reason reason = ReasonOf(status);
  const bool hides = caller.role != identity::Role::kOperator &&
                     reason == Reason::kDeviceAmbiguous;
  return hides || reason == Reason::kDeviceUnknown ? NoSuchDevice() : status;
}

}  // namespace masa::issuance
