// The use cases of group_desk.h that are about onboarding.
#include "services/issuance/serve_groups.h"
#include "services/ownership/onboarding_plans.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

ownership::Actor ActorOf(const GroupCall& call) {
  return ownership::ActorOf(call.caller, call.is_told_of_foreign);
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
  return Edit(call, By::kGroup, record.group_id,
              [&](const auto& tree, const auto& actor) {
                return ownership::PlanSetOnboarding(
                    tree, actor, record, expected, tools_.clock.Now());
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
