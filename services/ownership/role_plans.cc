#include "services/ownership/role_plans.h"

#include <algorithm>

#include "services/ownership/delegations.h"
#include "services/ownership/group_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Account;
using storage::Binding;
using storage::GroupCert;
using storage::OrganizationTree;
using storage::TreeChange;

const Binding* FindBinding(const OrganizationTree& tree,
                           const std::string& group_id,
                           const Account& account) {
  const auto found = std::find_if(
      tree.bindings.begin(), tree.bindings.end(), [&](const Binding& binding) {
        return binding.group_id == group_id && binding.account == account;
      });
  return found == tree.bindings.end() ? nullptr : &*found;
}

// Accounts of another organisation neither see nor touch those of the owner and
// of third ones: otherwise one that was let in could put the owner out.
bool IsOthersAccount(const OrganizationTree& tree, const Actor& actor,
                     const Account& account) {
  return !actor.support && actor.account.organization_id != tree.id() &&
         actor.account.organization_id != account.organization_id;
}

bool IsOwnAdmin(const OrganizationTree& tree, const Binding& binding) {
  return binding.group_id == tree.id() &&
         binding.account.organization_id == tree.id() &&
         binding.role == storage::GroupRole::kAdmin;
}

// Without one the owner could neither give roles nor take delegations back.
absl::Status CheckAnAdminStays(const OrganizationTree& tree, const Actor& actor,
                               const Binding& taken) {
  const auto admins = std::count_if(
      tree.bindings.begin(), tree.bindings.end(),
      [&](const Binding& binding) { return IsOwnAdmin(tree, binding); });
  return actor.support || !IsOwnAdmin(tree, taken) || admins > 1
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "this is the last administrator of the organisation's "
                      "root group; give the role to another account first");
}

// O1: strictly, administrators alone.
absl::Status CheckMayGive(const OrganizationTree& tree, const Actor& actor,
                          const Binding& binding, bool assigners_give) {
  const Power power = PowerIn(tree, actor, binding.group_id);
  const bool as_assigner = assigners_give && power == Power::kAssigner &&
                           binding.role <= storage::GroupRole::kAssigner;
  return as_assigner ? absl::OkStatus()
                     : CheckMay(tree, actor, binding.group_id, Act::kGiveRole);
}

absl::Status CheckCert(const GroupCert& cert, absl::Time now) {
  const auto parsed = wire::Certificate::Parse(cert.certificate_der);
  if (!parsed.ok()) {
    return Refuse(Reason::kCertMalformed,
                  "certificate_der is not one DER certificate");
  }
  if ((*parsed)->not_after <= now) {
    return Refuse(Reason::kCertExpired, "the certificate has expired");
  }
  return !cert.expires_at || *cert.expires_at > now
             ? absl::OkStatus()
             : Refuse(Reason::kLifetimeInPast, "expiry_time is in the past");
}

absl::Status CheckIsNew(const OrganizationTree& tree, const GroupCert& cert) {
  for (const auto& [id, other] : tree.certs) {
    GroupCert same = other;
    same.cert_id = cert.cert_id;
    if (same == cert) {
      return Refuse(Reason::kCertExists,
                    "the group has this certificate already, with the same "
                    "revocation_checks and expiry_time");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TreeChange> PlanGiveRole(const OrganizationTree& tree,
                                        const Actor& actor,
                                        const Binding& binding,
                                        bool assigners_give) {
  MASA_RETURN_IF_ERROR(CheckMayGive(tree, actor, binding, assigners_give));
  if (IsOthersAccount(tree, actor, binding.account)) {
    return Refuse(Reason::kPermissionDenied,
                  "in another organisation's groups an account gives roles to "
                  "accounts of its own organisation alone");
  }
  if (!IsDelegated(tree, binding.group_id, binding.account.organization_id)) {
    return Refuse(Reason::kOrganizationNotDelegated,
                  "the group is not delegated to the user's organisation");
  }
  if (FindBinding(tree, binding.group_id, binding.account) != nullptr) {
    return Refuse(Reason::kUserExists, "the user has a role in this group");
  }
  TreeChange change = ChangeOf(tree, storage::kRoleGiven);
  change.bindings = {binding};
  return change;
}

absl::StatusOr<TreeChange> PlanTakeRole(const OrganizationTree& tree,
                                        const Actor& actor,
                                        const std::string& group_id,
                                        const Account& account) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kGiveRole));
  const Binding* binding = FindBinding(tree, group_id, account);
  if (binding == nullptr || IsOthersAccount(tree, actor, account)) {
    return Refuse(Reason::kUserUnknown, "the user has no role in this group");
  }
  MASA_RETURN_IF_ERROR(CheckAnAdminStays(tree, actor, *binding));
  TreeChange change = ChangeOf(tree, storage::kRoleTaken);
  change.removed_bindings = {*binding};
  return change;
}

absl::StatusOr<TreeChange> PlanAddCert(const OrganizationTree& tree,
                                       const Actor& actor,
                                       const GroupCert& cert, absl::Time now) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, cert.group_id, Act::kKeepCert));
  MASA_RETURN_IF_ERROR(CheckCert(cert, now));
  MASA_RETURN_IF_ERROR(CheckIsNew(tree, cert));
  TreeChange change = ChangeOf(tree, storage::kDomainCertCreated);
  change.certs = {cert};
  change.result = cert.cert_id;
  return change;
}

absl::StatusOr<TreeChange> PlanRemoveCert(const OrganizationTree& tree,
                                          const Actor& actor,
                                          const std::string& cert_id) {
  MASA_RETURN_IF_ERROR(FindCert(tree, actor, cert_id, Act::kKeepCert).status());
  TreeChange change = ChangeOf(tree, storage::kDomainCertDeleted);
  change.removed_certs = {cert_id};
  change.result = cert_id;
  return change;
}

absl::StatusOr<TreeChange> PlanRotateCert(const OrganizationTree& tree,
                                          const Actor& actor,
                                          const GroupCert& cert,
                                          absl::Time now) {
  MASA_ASSIGN_OR_RETURN(const GroupCert stored,
                        FindCert(tree, actor, cert.cert_id, Act::kKeepCert));
  MASA_RETURN_IF_ERROR(CheckCert(cert, now));
  TreeChange change = ChangeOf(tree, storage::kDomainCertRotated);
  change.certs = {cert};
  change.certs[0].group_id = stored.group_id;
  MASA_RETURN_IF_ERROR(CheckIsNew(tree, change.certs[0]));
  change.result = cert.cert_id;
  return change;
}

absl::StatusOr<GroupCert> FindCert(const OrganizationTree& tree,
                                   const Actor& actor,
                                   const std::string& cert_id, Act act) {
  const auto found = tree.certs.find(cert_id);
  if (found == tree.certs.end()) {
    return CertNotFound();
  }
  const GroupCert& cert = found->second;
  if (PowerIn(tree, actor, cert.group_id) == Power::kNone) {
    return Foreign(actor, CertNotFound());
  }
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, cert.group_id, act));
  return cert;
}

absl::Status CertNotFound() {
  return Refuse(Reason::kCertNotFound,
                "there is no such domain certificate, or this account has no "
                "role in its group");
}

}  // namespace masa::ownership
