#include "services/rpc/item_faults.h"

#include <bit>

#include "services/rpc/call_end.h"

namespace masa::rpc {

void ItemFaults::See(const absl::Status& status) {
  if (!IsOurFault(status)) {
    return;
  }
  const uint64_t faults = ++faults_;
  if (std::has_single_bit(faults)) {
    gate_.TellFailed({service_, request_id_, traceparent_, status, faults});
  }
}

}  // namespace masa::rpc
