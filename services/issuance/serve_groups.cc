#include "services/issuance/serve_groups.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/repeats.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/role_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "storage/audit_kinds.h"
#include "storage/ownership.h"
#include "storage/tree_event.h"

namespace masa::issuance {
namespace {

using ownership::Actor;
using storage::OrganizationTree;
using storage::TreeChange;

// How often a change is planned again because another one came first.
constexpr int kMostPlans = 8;

Actor ActorOf(const GroupCall& call) {
  return ownership::ActorOf(call.caller, call.is_told_of_foreign);
}

bool SeesAnything(const OrganizationTree& tree, const Actor& actor) {
  return actor.support ||
         std::any_of(tree.groups.begin(), tree.groups.end(),
                     [&](const auto& entry) {
                       return ownership::PowerIn(tree, actor, entry.first) !=
                              ownership::Power::kNone;
                     });
}

// 8-4-4-4-12 hexadecimal digits of a fresh UUIDv7.
std::string NewUuid(absl::Time now) {
  const std::string hex = absl::BytesToHexString(NewId(now));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-",
                      hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20));
}

absl::Status OrganizationUnknown() {
  return Refuse(Reason::kOrganizationUnknown, "there is no such customer");
}

}  // namespace

absl::StatusOr<uint32_t> ServeGroups::EnterpriseNumber(const GroupCall& call) {
  MASA_ASSIGN_OR_RETURN(const auto policies,
                        tools_.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(call.caller.tenant_id));
  return tenant->iana_enterprise_number();
}

absl::StatusOr<OrganizationTree> ServeGroups::Read(const GroupCall& call, By by,
                                                   const std::string& id) {
  MASA_ASSIGN_OR_RETURN(
      std::vector<OrganizationTree> trees,
      tools_.groups.ReadTrees(call.context, {call.caller.tenant_id, by, id}));
  const Actor actor = ActorOf(call);
  for (OrganizationTree& tree : trees) {
    if (SeesAnything(tree, actor)) {
      return std::move(tree);
    }
  }
  return trees.empty() ? OrganizationTree() : std::move(trees.front());
}

absl::StatusOr<std::optional<std::string>> ServeGroups::Recall(
    const GroupCall& call) {
  using MaybeResult = std::optional<std::string>;
  if (call.once_id.empty()) {
    return MaybeResult();
  }
  MASA_ASSIGN_OR_RETURN(
      const auto known,
      tools_.groups.Recall(call.context, {call.caller.tenant_id,
                                          call.caller.name, call.once_id}));
  if (!known) {
    return MaybeResult();
  }
  return known->digest == call.once_digest
             ? absl::StatusOr<MaybeResult>(known->result)
             : Refuse(Reason::kRequestIdReused,
                      "request_id was used for another change");
}

absl::StatusOr<std::string> ServeGroups::Edit(const GroupCall& call, By by,
                                              const std::string& id,
                                              const Plan& plan) {
  absl::Status status;
  for (int i = 0; i < kMostPlans; ++i) {
    MASA_ASSIGN_OR_RETURN(const auto known, Recall(call));
    if (known) {
      return *known;
    }
    MASA_ASSIGN_OR_RETURN(const OrganizationTree tree, Read(call, by, id));
    absl::StatusOr<TreeChange> change = plan(tree, ActorOf(call));
    if (!change.ok()) {
      return RecalledOr<std::string>(change.status(),
                                     [&] { return Recall(call); });
    }
    if (call.validate_only) {
      return change->result;
    }
    change->before = storage::RecordsBefore(tree, *change);
    if (!call.once_id.empty()) {
      change->once = {change->tenant_id, call.caller.name, call.once_id};
      change->once_digest = call.once_digest;
    }
    status = tools_.groups.Change(call.context, call.caller.name,
                                  tools_.clock.Now(), *change);
    if (status.ok()) {
      return change->result;
    }
    if (ReasonOf(status) != Reason::kStoreConflict) {
      break;
    }
  }
  return status;
}

absl::Status ServeGroups::CheckNotPublic(const GroupCall& call,
                                         const std::string& certificate_der,
                                         const char* field) {
  MASA_ASSIGN_OR_RETURN(const auto policies,
                        tools_.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(call.caller.tenant_id));
  const auto certificate = wire::Certificate::Parse(certificate_der);
  return certificate.ok() &&
                 storage::IsPublicCa(*tenant, (*certificate)->spki_sha256)
             ? AtField(Refuse(Reason::kInvalidArgument,
                              "anyone gets a certificate from this CA, so it "
                              "stands for no domain; give the registrar's or "
                              "the server's own certificate"),
                       field)
             : absl::OkStatus();
}

absl::StatusOr<std::vector<OrganizationTree>> ServeGroups::ListOrganizations(
    const GroupCall& call, const std::string& after, int limit) {
  if (call.caller.role == identity::Role::kOperator) {
    return tools_.groups.ListOrganizations(call.context, call.caller.tenant_id,
                                           after, limit);
  }
  MASA_ASSIGN_OR_RETURN(
      std::vector<OrganizationTree> own,
      tools_.groups.ReadTrees(call.context,
                              {call.caller.tenant_id, By::kOrganization,
                               call.caller.organization_id}));
  std::erase_if(own, [&](const auto& tree) { return tree.id() <= after; });
  return own;
}

absl::StatusOr<OrganizationTree> ServeGroups::GetTree(
    const GroupCall& call, const std::string& organization_id) {
  MASA_RETURN_IF_ERROR(
      CheckNamesOrganization(organization_id, "organization_id"));
  MASA_ASSIGN_OR_RETURN(OrganizationTree tree,
                        Read(call, By::kOrganization, organization_id));
  const Actor actor = ActorOf(call);
  const bool own = call.caller.organization_id == organization_id;
  if (tree.groups.empty() || (!own && !SeesAnything(tree, actor))) {
    return OrganizationUnknown();
  }
  const OrganizationTree whole = tree;
  const auto unseen = [&](const std::string& group_id) {
    return ownership::PowerIn(whole, actor, group_id) ==
           ownership::Power::kNone;
  };
  const bool foreign = !own && !actor.support;
  std::erase_if(tree.groups, [&](const auto& e) { return unseen(e.first); });
  std::erase_if(tree.certs,
                [&](const auto& e) { return unseen(e.second.group_id); });
  std::erase_if(tree.onboardings,
                [&](const auto& e) { return unseen(e.first); });
  std::erase_if(tree.bindings, [&](const storage::Binding& binding) {
    return unseen(binding.group_id) ||
           (foreign &&
            binding.account.organization_id != actor.account.organization_id);
  });
  std::erase_if(tree.delegations, [&](const storage::Delegation& delegation) {
    return unseen(delegation.group_id) ||
           (foreign &&
            delegation.organization_id != actor.account.organization_id);
  });
  return tree;
}

absl::StatusOr<std::string> ServeGroups::CreateGroup(
    const GroupCall& call, const std::string& parent_id,
    const std::string& description) {
  const std::string id = absl::StrCat("group-", NewUuid(tools_.clock.Now()));
  return Edit(call, By::kGroup, parent_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanCreateGroup(tree, actor, parent_id,
                                                  description, id);
              });
}

absl::Status ServeGroups::DeleteGroup(const GroupCall& call,
                                      const std::string& group_id,
                                      const std::optional<int64_t>& expected) {
  return Edit(call, By::kGroup, group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanDeleteGroup(tree, actor, group_id,
                                                  expected);
              })
      .status();
}

absl::Status ServeGroups::DescribeGroup(
    const GroupCall& call, const std::string& group_id,
    const std::string& description, const std::optional<int64_t>& expected) {
  return Edit(call, By::kGroup, group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanDescribeGroup(tree, actor, group_id,
                                                    description, expected);
              })
      .status();
}

absl::Status ServeGroups::MoveGroup(const GroupCall& call,
                                    const std::string& group_id,
                                    const std::string& parent_id,
                                    const std::optional<int64_t>& expected) {
  return Edit(call, By::kGroup, group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanMoveGroup(tree, actor, group_id,
                                                parent_id, expected);
              })
      .status();
}

absl::StatusOr<ownership::GroupView> ServeGroups::GetGroup(
    const GroupCall& call, const std::string& group_id) {
  MASA_ASSIGN_OR_RETURN(const OrganizationTree tree,
                        Read(call, By::kGroup, group_id));
  return ownership::ViewOf(tree, ActorOf(call), group_id);
}

absl::StatusOr<std::vector<ownership::Act>> ServeGroups::ListActs(
    const GroupCall& call, const std::string& group_id) {
  MASA_ASSIGN_OR_RETURN(const OrganizationTree tree,
                        Read(call, By::kGroup, group_id));
  const Actor actor = ActorOf(call);
  MASA_RETURN_IF_ERROR(
      ownership::CheckMay(tree, actor, group_id, ownership::Act::kSee));
  std::vector<ownership::Act> acts;
  for (const ownership::Act act : ownership::kAllActs) {
    if (ownership::CheckMay(tree, actor, group_id, act).ok()) {
      acts.push_back(act);
    }
  }
  return acts;
}

absl::Status ServeGroups::AddDelegation(const GroupCall& call,
                                        const storage::Delegation& delegation) {
  bool exists = delegation.organization_id == storage::kEveryone;
  if (!exists) {
    MASA_ASSIGN_OR_RETURN(
        const auto trees,
        tools_.groups.ReadTrees(call.context,
                                {call.caller.tenant_id, By::kOrganization,
                                 delegation.organization_id}));
    exists = !trees.empty();
  }
  return Edit(call, By::kGroup, delegation.group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanAddDelegation(tree, actor, delegation,
                                                    exists);
              })
      .status();
}

absl::Status ServeGroups::RemoveDelegation(
    const GroupCall& call, const storage::Delegation& delegation) {
  return Edit(call, By::kGroup, delegation.group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanRemoveDelegation(tree, actor, delegation);
              })
      .status();
}

absl::Status ServeGroups::GiveRole(const GroupCall& call,
                                   const storage::Binding& binding,
                                   bool assigners_give) {
  return Edit(call, By::kGroup, binding.group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanGiveRole(tree, actor, binding,
                                               assigners_give);
              })
      .status();
}

absl::Status ServeGroups::TakeRole(const GroupCall& call,
                                   const std::string& group_id,
                                   const storage::Account& account) {
  return Edit(call, By::kGroup, group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanTakeRole(tree, actor, group_id, account);
              })
      .status();
}

absl::StatusOr<std::vector<storage::Binding>> ServeGroups::ListRoles(
    const GroupCall& call, const storage::Account& account) {
  MASA_ASSIGN_OR_RETURN(
      const std::vector<OrganizationTree> trees,
      tools_.groups.ReadTrees(
          call.context, {call.caller.tenant_id, By::kAccount, "", account}));
  // Whether another organisation has such an account is not a customer's to
  // know: it hears the same as of one whose roles it does not see (O10, O13).
  const bool may_know = call.caller.role == identity::Role::kOperator ||
                        call.caller.organization_id == account.organization_id;
  if (trees.empty() && may_know) {
    return Refuse(Reason::kUserUnknown, "there is no such user");
  }
  std::vector<storage::Binding> roles;
  for (const OrganizationTree& tree : trees) {
    const auto seen = ownership::RolesSeen(tree, ActorOf(call), account);
    roles.insert(roles.end(), seen.begin(), seen.end());
  }
  return roles;
}

absl::StatusOr<std::string> ServeGroups::CreateCert(
    const GroupCall& call, const storage::GroupCert& cert) {
  const absl::Time now = tools_.clock.Now();
  storage::GroupCert named = cert;
  named.cert_id = absl::StrCat("cert-", NewUuid(now));
  return Edit(
      call, By::kGroup, cert.group_id,
      [&](const auto& tree, const auto& actor) -> absl::StatusOr<TreeChange> {
        MASA_ASSIGN_OR_RETURN(TreeChange change,
                              ownership::PlanAddCert(tree, actor, named, now));
        MASA_RETURN_IF_ERROR(
            CheckNotPublic(call, named.certificate_der, "certificate_der"));
        return change;
      });
}

absl::Status ServeGroups::DeleteCert(const GroupCall& call,
                                     const std::string& cert_id) {
  return Edit(call, By::kCert, cert_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanRemoveCert(tree, actor, cert_id);
              })
      .status();
}

absl::Status ServeGroups::RotateCert(const GroupCall& call,
                                     const storage::GroupCert& cert) {
  return Edit(call, By::kCert, cert.cert_id,
              [&](const auto& tree,
                  const auto& actor) -> absl::StatusOr<TreeChange> {
                MASA_ASSIGN_OR_RETURN(
                    TreeChange change,
                    ownership::PlanRotateCert(tree, actor, cert,
                                              tools_.clock.Now()));
                MASA_RETURN_IF_ERROR(CheckNotPublic(call, cert.certificate_der,
                                                    "certificate_der"));
                return change;
              })
      .status();
}

absl::StatusOr<storage::GroupCert> ServeGroups::GetCert(
    const GroupCall& call, const std::string& cert_id) {
  MASA_ASSIGN_OR_RETURN(const OrganizationTree tree,
                        Read(call, By::kCert, cert_id));
  return ownership::FindCert(tree, ActorOf(call), cert_id,
                             ownership::Act::kSee);
}

}  // namespace masa::issuance
