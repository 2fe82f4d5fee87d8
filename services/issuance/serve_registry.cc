#include "services/issuance/serve_registry.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/account_sights.h"
#include "services/issuance/check_ien.h"
#include "services/issuance/operators_only.h"
#include "services/ownership/device_edits.h"
#include "services/ownership/device_filter.h"
#include "services/ownership/group_access.h"
#include "services/ownership/group_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using identity::Principal;
using storage::Device;
using storage::DeviceKey;
using storage::TreeQuestion;

constexpr size_t kMostItems = 1000;

bool IsOperator(const Principal& caller) {
  return caller.role == identity::Role::kOperator;
}

absl::Status CheckCount(absl::string_view what, int64_t count, int64_t least) {
  return count >= least && count <= static_cast<int64_t>(kMostItems)
             ? absl::OkStatus()
             : AtField(
                   Refuse(Reason::kTooManyItems,
                          absl::StrCat(what, " takes ", least, " to ",
                                       kMostItems, " devices, not ", count)),
                   "devices");
}

std::string FieldOf(size_t i) { return absl::StrCat("devices[", i, "]"); }

std::optional<storage::OnceOrder> OnceOf(const RegistryCall& call) {
  if (call.once_id.empty()) {
    return std::nullopt;
  }
  return storage::OnceOrder{
      {call.caller.tenant_id, call.caller.name, call.once_id},
      call.once_digest};
}

// Does one of the trees in which the account has a role show the device?
absl::Status CheckSees(const std::vector<storage::OrganizationTree>& trees,
                       const Principal& caller, const Device& device) {
  const ownership::Actor actor = ownership::ActorOf(caller, false);
  for (const storage::OrganizationTree& tree : trees) {
    if (tree.id() == device.organization_id &&
        ownership::CheckMay(tree, actor, ownership::PlaceOf(device),
                            ownership::Act::kSee)
            .ok()) {
      return absl::OkStatus();
    }
  }
  return NoSuchDevice();
}

}  // namespace

absl::StatusOr<std::vector<Device>> ServeRegistry::BatchGet(
    const RequestContext& context, const Principal& caller,
    absl::Span<const DeviceKey> devices) {
  MASA_RETURN_IF_ERROR(CheckCount("a call", devices.size(), 1));
  std::vector<storage::DeviceQuestion> questions;
  for (const DeviceKey& key : devices) {
    MASA_RETURN_IF_ERROR(
        CheckIen(tools_.policies, context, caller.tenant_id, key.ien,
                 absl::StrCat(FieldOf(questions.size()), ".ien")));
    questions.push_back({key, ""});
    questions.back().key.tenant_id = caller.tenant_id;
  }
  std::vector<storage::OrganizationTree> trees;
  if (!IsOperator(caller)) {
    const auto account = ownership::ActorOf(caller, false).account;
    MASA_ASSIGN_OR_RETURN(
        trees, tools_.groups.ReadTrees(
                   context, {caller.tenant_id, TreeQuestion::By::kAccount, "",
                             account}));
  }
  auto answers = tools_.devices.Find(context, questions);
  std::vector<Device> found;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      return AtField(AsPublic(answers[i].status(), caller), FieldOf(i));
    }
    if (!IsOperator(caller)) {
      MASA_RETURN_IF_ERROR(
          AtField(CheckSees(trees, caller, answers[i]->device), FieldOf(i)));
    }
    found.push_back(std::move(answers[i]->device));
  }
  return found;
}

absl::StatusOr<std::string> ServeRegistry::CheckListing(
    const RequestContext& context, const Principal& caller,
    const DeviceListing& listing) {
  const std::string& organization = listing.organization_id.empty()
                                        ? caller.organization_id
                                        : listing.organization_id;
  if (IsOperator(caller) && organization.empty()) {
    return listing.group_id.empty()
               ? absl::StatusOr<std::string>("")
               : RefuseFields(Reason::kInvalidArgument,
                              {{"organization_id", "is needed with a group"}});
  }
  if (listing.show_deleted) {
    MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  }
  MASA_ASSIGN_OR_RETURN(
      const auto trees,
      tools_.groups.ReadTrees(
          context,
          {caller.tenant_id, TreeQuestion::By::kOrganization, organization}));
  const absl::Status unknown =
      Refuse(Reason::kOrganizationUnknown, "there is no such customer");
  if (trees.empty()) {
    return unknown;
  }
  const auto actor = ownership::ActorOf(caller, false);
  const std::string& group =
      listing.group_id.empty() ? organization : listing.group_id;
  const absl::Status may =
      ownership::CheckMay(trees.front(), actor, group, ownership::Act::kSee);
  if (!may.ok()) {
    return listing.group_id.empty() && ReasonOf(may) == Reason::kGroupNotFound
               ? unknown
               : may;
  }
  return organization;
}

// Nothing where no device can pass.
absl::StatusOr<std::optional<storage::DeviceFilter>> ServeRegistry::FilterOf(
    const RequestContext& context, const Principal& caller,
    const DeviceListing& listing) {
  MASA_ASSIGN_OR_RETURN(storage::DeviceFilter filter,
                        ownership::ParseDeviceFilter(listing.filter));
  MASA_ASSIGN_OR_RETURN(const std::string organization,
                        CheckListing(context, caller, listing));
  if (!organization.empty() && !filter.organization_id.empty() &&
      filter.organization_id != organization) {
    return std::optional<storage::DeviceFilter>();  // no device has two owners
  }
  if (!organization.empty()) {
    filter.organization_id = organization;
  }
  // The root group has all of them, and no name in their records.
  filter.group_id = listing.group_id == organization ? "" : listing.group_id;
  filter.also_deleted = listing.show_deleted;
  return std::optional(std::move(filter));
}

absl::StatusOr<storage::DevicePage> ServeRegistry::List(
    const RequestContext& context, const Principal& caller,
    const DeviceListing& listing, const storage::DevicePlace& after,
    int limit) {
  MASA_RETURN_IF_ERROR(CheckCount("a page", limit, 1));
  MASA_ASSIGN_OR_RETURN(const auto filter, FilterOf(context, caller, listing));
  return filter ? registry_.registry.List(context, caller.tenant_id, *filter,
                                          after, limit)
                : storage::DevicePage();
}

absl::StatusOr<storage::DeviceCount> ServeRegistry::Count(
    const RequestContext& context, const Principal& caller,
    const DeviceListing& listing, const storage::DevicePlace& after) {
  MASA_ASSIGN_OR_RETURN(const auto filter, FilterOf(context, caller, listing));
  return filter ? registry_.registry.Count(context, caller.tenant_id, *filter,
                                           after)
                : storage::DeviceCount();
}

absl::StatusOr<Device> ServeRegistry::Create(const RegistryCall& call,
                                             const Device& device) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  storage::DeviceCreation creation{device, OnceOf(call), call.validate_only};
  creation.device.tenant_id = call.caller.tenant_id;
  return registry_.registry.Create(call.context, call.caller.name,
                                   tools_.clock.Now(), creation);
}

absl::StatusOr<std::vector<Device>> ServeRegistry::CreateAll(
    const RegistryCall& call, std::vector<Device> devices) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  MASA_RETURN_IF_ERROR(CheckCount("a call", devices.size(), 1));
  for (Device& device : devices) {
    device.tenant_id = call.caller.tenant_id;
  }
  return registry_.registry.CreateAll(
      call.context, call.caller.name, tools_.clock.Now(),
      {std::move(devices), OnceOf(call), call.validate_only});
}

absl::StatusOr<Device> ServeRegistry::Edit(const RegistryCall& call,
                                           const DeviceKey& device,
                                           storage::DeviceEdit edit,
                                           const Plan& plan) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  MASA_RETURN_IF_ERROR(CheckIen(tools_.policies, call.context,
                                call.caller.tenant_id, device.ien));
  edit.device = device;
  edit.device.tenant_id = call.caller.tenant_id;
  edit.once = OnceOf(call);
  edit.validate_only = call.validate_only;
  edit.plan = [&](const Device& stored) -> absl::StatusOr<Device> {
    MASA_RETURN_IF_ERROR(ownership::CheckEtag(stored, call.version));
    return plan(stored);
  };
  return registry_.registry.Edit(call.context, call.caller.name,
                                 tools_.clock.Now(), edit);
}

absl::StatusOr<Device> ServeRegistry::Update(
    const RegistryCall& call, const DeviceKey& device, const Device& update,
    const std::set<std::string>& mask) {
  storage::DeviceEdit edit;
  edit.kind = storage::kDeviceUpdated;
  edit.product_id = mask.contains("product_id") ? update.product_id : "";
  return Edit(call, device, std::move(edit), [&](Device stored) {
    return ownership::Updated(std::move(stored), update, mask);
  });
}

absl::StatusOr<Device> ServeRegistry::SetState(const RegistryCall& call,
                                               const DeviceKey& device,
                                               storage::DeviceState state) {
  storage::DeviceEdit edit;
  edit.kind = storage::kDeviceStateSet;
  return Edit(call, device, std::move(edit), [state](Device stored) {
    return ownership::WithState(std::move(stored), state);
  });
}

absl::StatusOr<Device> ServeRegistry::Delete(const RegistryCall& call,
                                             const DeviceKey& device) {
  storage::DeviceEdit edit;
  edit.kind = storage::kDeviceDeleted;
  const absl::Time now = tools_.clock.Now();
  return Edit(call, device, std::move(edit), [now](Device stored) {
    return ownership::Deleted(std::move(stored), now);
  });
}

absl::StatusOr<Device> ServeRegistry::Undelete(const RegistryCall& call,
                                               const DeviceKey& device) {
  storage::DeviceEdit edit;
  edit.kind = storage::kDeviceUndeleted;
  edit.is_deleted = true;
  return Edit(call, device, std::move(edit), [](Device stored) {
    return ownership::Undeleted(std::move(stored));
  });
}

absl::StatusOr<storage::ImportProgress> ServeRegistry::BeginImport(
    const RequestContext& context, const Principal& caller,
    const std::string& import_id, storage::OnConflict on_conflict) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return registry_.imports.BeginImport(context, {caller.tenant_id, import_id},
                                       on_conflict, tools_.clock.Now());
}

absl::StatusOr<storage::ImportProgress> ServeRegistry::GetImport(
    const RequestContext& context, const Principal& caller,
    const std::string& import_id) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return registry_.imports.GetImport(context, {caller.tenant_id, import_id});
}

absl::StatusOr<storage::CommittedChunk> ServeRegistry::ImportChunk(
    const RequestContext& context, const Principal& caller,
    storage::ImportChunk chunk) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  MASA_RETURN_IF_ERROR(CheckCount("a chunk", chunk.devices.size(), 0));
  chunk.key.tenant_id = caller.tenant_id;
  for (Device& device : chunk.devices) {
    device.tenant_id = caller.tenant_id;
  }
  return registry_.imports.CommitChunk(context, caller.name, tools_.clock.Now(),
                                       chunk);
}

absl::StatusOr<storage::ImportProgress> ServeRegistry::CompleteImport(
    const RequestContext& context, const Principal& caller,
    const std::string& import_id, int64_t last_sequence) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return registry_.imports.CompleteImport(context,
                                          {caller.tenant_id, import_id},
                                          last_sequence, tools_.clock.Now());
}

}  // namespace masa::issuance
