#include "services/ownership/transfer_states.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using storage::Transfer;
using storage::TransferState;

// All start at kOffered; there is no way on from where they lead.
struct Step {
  TransferAct act;
  TransferState to;
  bool Party::*who;
  const char* whose;
  // Whether the offer must still hold at this time, must have lapsed, or
  // either.
  bool needs_open;
  bool needs_lapsed;
};

// By the number of the act.
constexpr Step kSteps[] = {
    {TransferAct::kAccept, TransferState::kAccepted, &Party::receives,
     "the receiving organisation accepts", true, false},
    {TransferAct::kReject, TransferState::kRejected, &Party::receives,
     "the receiving organisation rejects", false, false},
    {TransferAct::kCancel, TransferState::kCancelled, &Party::gives,
     "the giving organisation cancels", false, false},
    {TransferAct::kExpire, TransferState::kExpired, &Party::is_clock,
     "the time ends", false, true},
};

const char* NameOf(TransferState state) {
  switch (state) {
    case TransferState::kOffered:
      return "offered";
    case TransferState::kAccepted:
      return "accepted";
    case TransferState::kRejected:
      return "rejected";
    case TransferState::kCancelled:
      return "cancelled";
    case TransferState::kExpired:
      return "expired";
  }
  return "unknown";
}

}  // namespace

absl::StatusOr<TransferState> NextState(const Transfer& transfer,
                                        TransferAct act, const Party& party,
                                        absl::Time now) {
  const Step& step = kSteps[static_cast<int>(act)];
  if (!(party.*step.who)) {
    return Refuse(Reason::kPermissionDenied,
                  absl::StrCat(step.whose,
                               " a transfer, an administrator of "
                               "its root group or an operator"));
  }
  if (transfer.state != TransferState::kOffered) {
    return Refuse(
        Reason::kTransferEnded,
        absl::StrCat("the transfer is ", NameOf(transfer.state), " already"));
  }
  const bool lapsed = transfer.expires_at <= now;
  if (step.needs_open && lapsed) {
    return Refuse(Reason::kTransferEnded,
                  "the offer's expire_time is past; it must be offered again");
  }
  if (step.needs_lapsed && !lapsed) {
    return Refuse(Reason::kTransferEnded, "the offer's expire_time is to come");
  }
  return step.to;
}

}  // namespace masa::ownership
