// The use cases of group_desk.h that are about onboarding.
#include "services/issuance/serve_groups.h"
#include "services/ownership/onboarding_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/voucher/pledge.h"

namespace masa::issuance {
namespace {

ownership::Actor ActorOf(const GroupCall& call) {
  return ownership::ActorOf(call.caller, call.is_told_of_foreign);
}

// CR-31: no chain of redirects begins with our own names.
absl::Status CheckLeadsAway(const PolicySnapshot& policies,
                            const storage::Onboarding& record) {
  const std::string host = voucher::HostOfUri(record.registrar_url);
  FieldChecker check;
  if (!host.empty() && policies.TenantOfHost(host).ok()) {
    check.Fault("onboarding.registrar_url",
                "names this service itself, which sends devices there");
  }
  return check.Finish();
}

}  // namespace

absl::StatusOr<storage::Onboarding> ServeGroups::GetOnboarding(
    const GroupCall& call, const std::string& group_id) {
  MASA_ASSIGN_OR_RETURN(const storage::OrganizationTree tree,
                        Read(call, By::kGroup, group_id));
  return ownership::FindOnboarding(tree, ActorOf(call), group_id);
}

absl::Status ServeGroups::SetOnboarding(
    const GroupCall& call, const storage::Onboarding& record,
    const std::optional<int64_t>& expected) {
  MASA_ASSIGN_OR_RETURN(const auto policies,
                        tools_.policies.Current(call.context));
  MASA_RETURN_IF_ERROR(CheckLeadsAway(*policies, record));
  return Edit(call, By::kGroup, record.group_id,
              [&](const auto& tree,
                  const auto& actor) -> absl::StatusOr<storage::TreeChange> {
                MASA_ASSIGN_OR_RETURN(
                    storage::TreeChange change,
                    ownership::PlanSetOnboarding(tree, actor, record, expected,
                                                 tools_.clock.Now()));
                MASA_RETURN_IF_ERROR(
                    CheckNotPublic(call, record.est_certificate_der,
                                   "onboarding.est.certificate_der"));
                return change;
              })
      .status();
}

absl::Status ServeGroups::ClearOnboarding(
    const GroupCall& call, const std::string& group_id,
    const std::optional<int64_t>& expected) {
  return Edit(call, By::kGroup, group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanClearOnboarding(tree, actor, group_id,
                                                      expected);
              })
      .status();
}

}  // namespace masa::issuance
