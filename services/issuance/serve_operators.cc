#include "services/issuance/serve_operators.h"

#include <utility>

#include "services/issuance/account_sights.h"
#include "services/issuance/issue_orders.h"
#include "services/status/macros.h"

namespace masa::issuance {

absl::StatusOr<storage::Committed> ServeOperators::IssueVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const IssueOrder& order) {
  return std::move(IssueEach(tools_, context, {{&context, &caller, &order}},
                             Company::kGathered)
                       .front());
}

absl::StatusOr<storage::Device> ServeOperators::GetDevice(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device) {
  return FindSeen(tools_.devices, tools_.groups, tools_.policies, context,
                  caller, device);
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
ServeOperators::ListVouchers(const RequestContext& context,
                             const identity::Principal& caller,
                             const storage::DeviceKey& device) {
  constexpr int kMostEvents = 1000;
  MASA_ASSIGN_OR_RETURN(const storage::Device found,
                        FindSeen(tools_.devices, tools_.groups, tools_.policies,
                                 context, caller, device));
  MASA_ASSIGN_OR_RETURN(const absl::Time since,
                        ReadsSince(tools_.owned, context, caller, found));
  MASA_ASSIGN_OR_RETURN(std::vector<storage::IssuedVoucher> vouchers,
                        tools_.log.ListForDevice(context, found.bucket,
                                                 found.device_id, kMostEvents));
  for (storage::IssuedVoucher& voucher : vouchers) {
    if (voucher.created_on < since) {
      voucher.actor.clear();
      voucher.request_id.clear();
    }
  }
  return vouchers;
}

}  // namespace masa::issuance
