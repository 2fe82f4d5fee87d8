#include "services/issuance/serve_operators.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/issuance/issue_orders.h"
#include "services/issuance/operators_only.h"
#include "services/ownership/group_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
absl::Status ServeOperators::CheckMay(const RequestContext& context,
                                      const identity::Principal& caller,
                                      const std::string& organization_id,
                                      const std::string& group_id,
                                      ownership::Act act) {
  if (caller.role == identity::Role::kOperator) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(
      const auto trees,
      tools_.groups.ReadTrees(
          context, {caller.tenant_id, storage::TreeQuestion::By::kOrganization,
                    organization_id}));
  return trees.empty() ? ownership::GroupNotFound()
                       : ownership::CheckMay(trees.front(),
                                             ownership::ActorOf(caller, false),
                                             group_id, act);
}

absl::StatusOr<storage::DeviceAnswer> ServeOperators::FindFor(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& key, ownership::Act act,
    const std::string& request_digest) {
  const absl::Status unknown =
      Refuse(Reason::kDeviceUnknown, "there is no such device");
  storage::DeviceQuestion question{key, request_digest};
  question.key.tenant_id = caller.tenant_id;
  auto found = tools_.devices.Find(context, {question});
  if (!found.front().ok()) {
    return ReasonOf(found.front().status()) == Reason::kDeviceUnknown
               ? unknown
               : found.front().status();
  }
  const storage::Device& device = found.front()->device;
  const absl::Status may = CheckMay(context, caller, device.organization_id,
                                    ownership::PlaceOf(device), act);
  if (!may.ok()) {
    return ReasonOf(may) == Reason::kGroupNotFound ? unknown : may;
  }
  return std::move(found.front());
}

absl::StatusOr<storage::Committed> ServeOperators::IssueVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const IssueOrder& order) {
  const absl::Time now = tools_.clock.Now();
  const std::string digest =
      Sha256(order.request_id.empty() ? absl::StrCat("once:", NewId(now))
                                      : absl::StrCat("request_id:", caller.name,
                                                     ":", order.request_id));
  MASA_ASSIGN_OR_RETURN(storage::DeviceAnswer device,
                        FindFor(context, caller, order.device,
                                ownership::Act::kGetVoucher, digest));
  MASA_ASSIGN_OR_RETURN(auto issued,
                        IssueOrders(tools_, context, caller,
                                    {{.device = std::move(device),
                                      .pinned_cert_der = order.pinned_cert_der,
                                      .nonce = order.nonce,
                                      .expires_on = order.expires_on,
                                      .format = order.format,
                                      .request_digest = digest,
                                      .est_onboarding = order.est_onboarding}},
                                    {}));
  return std::move(issued.front());
}

absl::StatusOr<storage::Device> ServeOperators::GetDevice(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device) {
  MASA_ASSIGN_OR_RETURN(
      storage::DeviceAnswer found,
      FindFor(context, caller, device, ownership::Act::kSee, ""));
  return std::move(found.device);
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
ServeOperators::ListVouchers(const RequestContext& context,
                             const identity::Principal& caller,
                             const storage::DeviceKey& device) {
  constexpr int kMostEvents = 1000;
  MASA_ASSIGN_OR_RETURN(
      const storage::DeviceAnswer found,
      FindFor(context, caller, device, ownership::Act::kSee, ""));
  return tools_.log.ListForDevice(context, found.device.bucket,
                                  found.device.device_id, kMostEvents);
}

}  // namespace masa::issuance
