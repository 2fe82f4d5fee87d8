#include "services/issuance/repeats.h"

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

std::optional<storage::OnceOrder> OrderOf(const identity::Principal& caller,
                                          const Once& once) {
  if (once.id.empty()) {
    return std::nullopt;
  }
  return storage::OnceOrder{{caller.tenant_id, caller.name, once.id},
                            once.digest};
}

absl::StatusOr<bool> IsRepeat(storage::GroupStore& store,
                              const RequestContext& context,
                              const identity::Principal& caller,
                              const Once& once) {
  const auto order = OrderOf(caller, once);
  if (!order) {
    return false;
  }
  MASA_ASSIGN_OR_RETURN(const auto known, store.Recall(context, order->key));
  if (known && known->digest != once.digest) {
    return Refuse(Reason::kRequestIdReused,
                  "request_id was used for another change");
  }
  return known.has_value();
}

bool IsOfTheStore(const absl::Status& status) {
  return !status.ok() && (ReasonOf(status) == Reason::kStoreUnavailable ||
                          ReasonOf(status) == Reason::kStoreConflict);
}

}  // namespace masa::issuance
