#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckNonce(const wire::VoucherRequest& request,
                        const PledgeRequest& pledge) {
  const auto& ours = request.leaves.nonce;
  const auto& theirs = pledge.request.leaves.nonce;
  // PV-12: a registrar that drops the nonce asks for a nonceless voucher, and
  // is judged as one that does.
  if (!ours) {
    return absl::OkStatus();
  }
  if (!theirs || wire::NonceOctets(*ours) != wire::NonceOctets(*theirs)) {
    return Refuse(Reason::kNonceMismatch,
                  "the nonce of the registrar's and the pledge's request "
                  "differ");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
