// The part of ServeGroups that makes, names and removes organisations.
#include "services/issuance/operators_only.h"
#include "services/issuance/serve_groups.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/organization_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using By = storage::TreeQuestion::By;
using ownership::Actor;
using storage::OrganizationTree;
using storage::TreeChange;

absl::Status OrganizationUnknown() {
  return Refuse(Reason::kOrganizationUnknown, "there is no such customer");
}

}  // namespace

absl::StatusOr<std::string> ServeGroups::CreateOrganization(
    const GroupCall& call, const masa::v1::Organization& organization) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  const std::string& id = organization.organization_id();
  return Edit(call, By::kOrganization, id,
              [&](const OrganizationTree& tree,
                  const Actor&) -> absl::StatusOr<TreeChange> {
                if (tree.version > 0) {
                  return Refuse(Reason::kOrganizationExists,
                                "there is a customer of this id");
                }
                TreeChange change;
                change.tenant_id = call.caller.tenant_id;
                change.organization_id = id;
                change.kind = storage::kOrganizationCreated;
                change.organization = organization;
                change.organization->set_tenant_id(call.caller.tenant_id);
                change.result = id;
                return change;
              });
}

absl::Status ServeGroups::UpdateOrganization(
    const GroupCall& call, const masa::v1::Organization& organization,
    const std::optional<int64_t>& expected) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  const std::string& id = organization.organization_id();
  return Edit(call, By::kOrganization, id,
              [&](const OrganizationTree& tree,
                  const Actor&) -> absl::StatusOr<TreeChange> {
                if (tree.version == 0) {
                  return OrganizationUnknown();
                }
                if (expected && *expected != tree.version) {
                  return Refuse(Reason::kEtagMismatch,
                                "the organisation was changed meanwhile; read "
                                "it again");
                }
                TreeChange change =
                    ownership::ChangeOf(tree, storage::kOrganizationUpdated);
                change.organization = tree.organization;
                change.organization->set_display_name(
                    organization.display_name());
                change.result = id;
                return change;
              })
      .status();
}

absl::Status ServeGroups::DeleteOrganization(
    const GroupCall& call, const std::string& organization_id,
    const std::optional<int64_t>& expected) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(call.caller));
  return Edit(call, By::kOrganization, organization_id,
              [&](const OrganizationTree& tree,
                  const Actor&) -> absl::StatusOr<TreeChange> {
                return tree.version == 0
                           ? absl::StatusOr<TreeChange>(OrganizationUnknown())
                           : ownership::PlanDeleteOrganization(tree, expected);
              })
      .status();
}

}  // namespace masa::issuance
