// The states of a transfer and who may bring it from one to the next: one
// table. Pure.
#ifndef SERVICES_OWNERSHIP_TRANSFER_STATES_H_
#define SERVICES_OWNERSHIP_TRANSFER_STATES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/transfer_store.h"

namespace masa::ownership {

enum class TransferAct { kAccept = 0, kReject, kCancel, kExpire };

// What somebody is to a transfer. The manufacturer's operator is all of them,
// the clock is nobody but itself.
struct Party {
  bool gives = false;
  bool receives = false;
  bool is_clock = false;

  bool is_any() const { return gives || receives || is_clock; }
};

// The state that the act leads to. kTransferEnded when the transfer has been
// answered, or has lapsed at `now` and the act is an answer; kPermissionDenied
// when the act is another's.
absl::StatusOr<storage::TransferState> NextState(
    const storage::Transfer& transfer, TransferAct act, const Party& party,
    absl::Time now);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_TRANSFER_STATES_H_
