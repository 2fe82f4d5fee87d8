#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckCreatedOn(const wire::VoucherRequest& request,
                            const masa::v1::Product& product, absl::Time now) {
  constexpr absl::Duration kAhead = absl::Minutes(5);
  const auto& created_on = request.leaves.created_on;
  if (!created_on) {
    return absl::OkStatus();
  }
  if (*created_on > now + kAhead) {
    return Refuse(Reason::kStale,
                  "the request's created-on is more than 5 minutes ahead of "
                  "this service's clock");
  }
  if (*created_on < now - CreatedOnWindow(product)) {
    return Refuse(Reason::kStale,
                  "the request's created-on is too long ago; make a new "
                  "request");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
