// The part of the store in memory that keeps organisations and their groups,
// and the places of devices in them.
#include <algorithm>
#include <tuple>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/group_changes.h"
#include "storage/memory/memory_store.h"
#include "storage/tree_event.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

template <typename Record, typename Same>
void Drop(std::vector<Record>& records, const Same& same) {
  records.erase(std::remove_if(records.begin(), records.end(), same),
                records.end());
}

void Put(std::vector<Binding>& bindings, const Binding& binding) {
  Drop(bindings, [&](const Binding& other) {
    return other.group_id == binding.group_id &&
           other.account == binding.account;
  });
  bindings.push_back(binding);
}

// Is `above` on the way from `group_id` to the root?
bool IsAbove(const OrganizationTree& tree, const std::string& above,
             std::string group_id) {
  while (group_id != above) {
    const auto found = tree.groups.find(group_id);
    if (found == tree.groups.end() || found->second.parent_id.empty()) {
      return false;
    }
    group_id = found->second.parent_id;
  }
  return true;
}

bool Answers(const OrganizationTree& tree, const TreeQuestion& question) {
  switch (question.by) {
    case TreeQuestion::By::kOrganization:
      return tree.id() == question.id;
    case TreeQuestion::By::kGroup:
      return tree.groups.contains(question.id);
    case TreeQuestion::By::kCert:
      return tree.certs.contains(question.id);
    case TreeQuestion::By::kAccount:
      return std::any_of(tree.bindings.begin(), tree.bindings.end(),
                         [&](const Binding& binding) {
                           return binding.account == question.account;
                         });
  }
  return false;
}

void Carry(const TreeChange& change, OrganizationTree& tree) {
  for (const Binding& binding : change.removed_bindings) {
    Drop(tree.bindings, [&](const Binding& other) {
      return other.group_id == binding.group_id &&
             other.account == binding.account;
    });
  }
  for (const Delegation& delegation : change.removed_delegations) {
    Drop(tree.delegations,
         [&](const Delegation& other) { return other == delegation; });
  }
  for (const std::string& id : change.removed_certs) {
    tree.certs.erase(id);
  }
  for (const std::string& id : change.removed_groups) {
    tree.groups.erase(id);
  }
  for (const Group& group : change.groups) {
    tree.groups[group.group_id] = group;
  }
  for (const Binding& binding : change.bindings) {
    Put(tree.bindings, binding);
  }
  tree.delegations.insert(tree.delegations.end(), change.delegations.begin(),
                          change.delegations.end());
  for (const GroupCert& cert : change.certs) {
    tree.certs[cert.cert_id] = cert;
  }
  for (const std::string& group_id : change.removed_onboardings) {
    tree.onboardings.erase(group_id);
  }
  for (const Onboarding& record : change.onboardings) {
    tree.onboardings[record.group_id] = record;
  }
  if (change.organization) {
    tree.organization = *change.organization;
  }
}

}  // namespace

OrganizationTree& MemoryStore::TreeOf(const std::string& tenant_id,
                                      const std::string& organization_id) {
  OrganizationTree& tree = trees_[{tenant_id, organization_id}];
  tree.tenant_id = tenant_id;
  tree.organization.set_organization_id(organization_id);
  tree.groups[organization_id] = Group{organization_id, "", "", 1};
  return tree;
}

void MemoryStore::AddOwners(masa::v1::Catalog* catalog) const {
  for (const auto& [key, tree] : trees_) {
    if (tree.version > 0) {
      *catalog->add_organizations() = tree.organization;
    }
  }
}

void MemoryStore::ApplyOwners(const masa::v1::Catalog& catalog) {
  const auto grow = [](OrganizationTree& tree) {
    tree.version += tree.version > 0 ? 1 : 0;
  };
  for (const auto& record : catalog.organizations()) {
    OrganizationTree& tree =
        TreeOf(record.tenant_id(), record.organization_id());
    tree.organization = record;
    ++tree.version;
  }
  for (const auto& record : catalog.domain_certs()) {
    OrganizationTree& tree =
        TreeOf(record.tenant_id(), record.organization_id());
    tree.certs[record.cert_id()] = CertOf(record);
    grow(tree);
  }
  for (const auto& record : catalog.access_bindings()) {
    OrganizationTree& tree =
        TreeOf(record.tenant_id(), record.organization_id());
    Put(tree.bindings, BindingOf(record));
    grow(tree);
  }
}

std::vector<OwnerCert> MemoryStore::OwnerCertsOf(const Device& device) const {
  std::vector<OwnerCert> certs;
  const auto found = trees_.find({device.tenant_id, device.organization_id});
  if (device.organization_id.empty() || found == trees_.end()) {
    return certs;
  }
  const OrganizationTree& tree = found->second;
  const std::string& at = device.group_id.empty() ? tree.id() : device.group_id;
  for (const auto& [id, cert] : tree.certs) {
    const CertPlace place = cert.group_id == at ? CertPlace::kSameGroup
                            : IsAbove(tree, cert.group_id, at)
                                ? CertPlace::kAbove
                                : CertPlace::kElsewhere;
    certs.push_back(
        {cert.certificate_der, place, cert.expires_at, cert.revocation_checks});
  }
  return certs;
}

absl::StatusOr<std::vector<OrganizationTree>> MemoryStore::ReadTrees(
    const RequestContext& context, const TreeQuestion& question) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<OrganizationTree> found;
  for (const auto& [key, tree] : trees_) {
    if (key.first == question.tenant_id && tree.version > 0 &&
        Answers(tree, question)) {
      found.push_back(tree);
    }
  }
  return found;
}

absl::StatusOr<std::vector<OrganizationTree>> MemoryStore::ListOrganizations(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& after, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<OrganizationTree> found;
  for (const auto& [key, tree] : trees_) {
    if (key.first == tenant_id && key.second > after && tree.version > 0 &&
        static_cast<int>(found.size()) < limit) {
      OrganizationTree& listed = found.emplace_back();
      listed.tenant_id = tenant_id;
      listed.organization = tree.organization;
      listed.version = tree.version;
    }
  }
  return found;
}

absl::Status MemoryStore::RemoveOrganization(const TreeChange& change) {
  const std::string& id = change.organization_id;
  for (const Device& device : Facts().devices) {
    if (device.tenant_id == change.tenant_id && device.organization_id == id) {
      return OrganizationHas("it owns devices");
    }
  }
  for (const auto& [key, transfer] : transfers_) {
    if (transfer.tenant_id == change.tenant_id &&
        transfer.to_organization_id == id &&
        transfer.state == TransferState::kOffered) {
      return OrganizationHas("devices are offered to it");
    }
  }
  for (auto& [key, tree] : trees_) {
    for (const Delegation& delegation : tree.delegations) {
      if (key.first == change.tenant_id && delegation.organization_id == id) {
        return OrganizationHas("a group is delegated to it");
      }
    }
  }
  for (auto& [key, tree] : trees_) {
    Drop(tree.bindings, [&, tenant = key.first](const Binding& binding) {
      return tenant == change.tenant_id &&
             binding.account.organization_id == id;
    });
  }
  trees_.erase({change.tenant_id, id});
  return absl::OkStatus();
}

absl::Status MemoryStore::ChangeTree(const TreeChange& change) {
  const std::pair key = {change.tenant_id, change.organization_id};
  const auto stored = trees_.find(key);
  const int64_t version = stored == trees_.end() ? 0 : stored->second.version;
  const auto once =
      change.once ? std::make_tuple(change.once->tenant_id, change.once->actor,
                                    change.once->request_id)
                  : std::tuple<std::string, std::string, std::string>();
  if (version != change.expected_version ||
      (change.once && results_.contains(once))) {
    return TreeHasChanged();
  }
  for (const std::string& id : RightsHoldersOf(change)) {
    const auto holder = trees_.find({change.tenant_id, id});
    const bool is_there = holder != trees_.end() && holder->second.version > 0;
    if (!is_there && id != change.organization_id) {
      return RightsHolderIsGone();
    }
  }
  for (const std::string& id : change.removed_groups) {
    for (const Device& device : Facts().devices) {
      if (device.tenant_id == change.tenant_id && device.group_id == id) {
        return GroupHasDevices();
      }
    }
  }
  if (change.removes_organization) {
    MASA_RETURN_IF_ERROR(RemoveOrganization(change));
  } else {
    OrganizationTree& tree = TreeOf(key.first, key.second);
    Carry(change, tree);
    ++tree.version;
  }
  if (change.once) {
    results_[once] = {change.once_digest, change.result};
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Change(const RequestContext& context,
                                 const std::string& actor, absl::Time at,
                                 const TreeChange& change) {
  MASA_RETURN_IF_ERROR(CheckTreeChange(change));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  MASA_RETURN_IF_ERROR(ChangeTree(change));
  Write({}, {TreeEvent(change, actor, at, context.request_id)});
  return fate == Fate::kStored ? Unavailable() : absl::OkStatus();
}

bool MemoryStore::Remember(const std::optional<OnceOrder>& once) {
  return !once || results_
                      .try_emplace({once->key.tenant_id, once->key.actor,
                                    once->key.request_id},
                                   OnceResult{once->digest, ""})
                      .second;
}

absl::StatusOr<std::optional<OnceResult>> MemoryStore::Recall(
    const RequestContext& context, const OnceKey& key) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto found = results_.find({key.tenant_id, key.actor, key.request_id});
  return found == results_.end() ? std::optional<OnceResult>() : found->second;
}

absl::StatusOr<Device> MemoryStore::Place(const RequestContext& context,
                                          const std::string& actor,
                                          absl::Time at,
                                          const Placement& placement) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const StoredFacts facts = Facts();
  MASA_ASSIGN_OR_RETURN(const Device device,
                        PlanPlace(placement, facts.devices));
  const auto tree = trees_.find({device.tenant_id, placement.organization_id});
  if (!device.group_id.empty() &&
      (tree == trees_.end() ||
       !tree->second.groups.contains(device.group_id))) {
    return GroupIsGone();
  }
  Write({device},
        {DeviceEvent(kDevicePlaced,
                     FindById(IndexById(facts.devices), device.device_id),
                     device, actor, at, context.request_id)});
  return fate == Fate::kStored ? absl::StatusOr<Device>(Unavailable()) : device;
}

std::vector<Device> MemoryStore::DevicesWhere(
    const std::string& tenant_id, const DevicePlace& after, int limit,
    const std::function<bool(const Device&)>& is) const {
  const auto place = [](const auto& of) {
    return std::tie(of.bucket, of.device_id);
  };
  std::vector<Device> found;
  for (const Device& device : Facts().devices) {
    if (device.tenant_id == tenant_id && is(device) &&
        place(device) > place(after)) {
      found.push_back(device);
    }
  }
  std::sort(found.begin(), found.end(),
            [&place](const Device& a, const Device& b) {
              return place(a) < place(b);
            });
  found.resize(std::min(found.size(), static_cast<size_t>(std::max(limit, 0))));
  return found;
}

absl::StatusOr<std::vector<Device>> MemoryStore::ListPlaced(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& group_id, const DevicePlace& after, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return DevicesWhere(tenant_id, after, limit, [&](const Device& device) {
    return !group_id.empty() && device.group_id == group_id &&
           !device.deleted_at;
  });
}

}  // namespace masa::storage
