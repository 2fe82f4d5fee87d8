// The promise of transfers: devices that one organisation offers to another.
// What may be changed is decided outside, on records that were read here and in
// the registry; a change is taken only while they are still what they were.
// Thread-safe; blocks; never stale. kStoreUnavailable when the store cannot
// answer.
#ifndef STORAGE_TRANSFER_STORE_H_
#define STORAGE_TRANSFER_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/once.h"
#include "storage/ownership_entry.h"

namespace masa::storage {

enum class TransferState {
  kOffered = 1,
  kAccepted = 2,
  kRejected = 3,
  kCancelled = 4,
  kExpired = 5,
};

// What became of one device of a transfer.
enum class HoldState {
  kHeld = 1,      // it waits for the answer
  kMoved = 2,     // it is the receiver's
  kReturned = 3,  // it is as it was before
  kLost = 4,      // something else was done with it meanwhile
};

struct TransferDevice {
  int16_t bucket = 0;
  std::string device_id;  // 16 octets
  std::string serial_number;
  std::optional<std::string> idevid_issuer;
  DeviceState state_before = DeviceState::kManufactured;
  HoldState hold = HoldState::kHeld;

  bool operator==(const TransferDevice&) const = default;
};

struct Transfer {
  std::string tenant_id;
  std::string transfer_id;  // 16 octets, a UUIDv7
  std::string from_organization_id;
  std::string to_organization_id;
  TransferState state = TransferState::kOffered;
  bool keep_history = true;  // the receiver may read what was before
  bool by_operator = false;  // the manufacturer's operator offered it
  absl::Time offered_at;
  absl::Time expires_at;
  std::optional<absl::Time> ended_at = {};
  int64_t version = 1;  // grows by one with each change
  std::vector<TransferDevice> devices = {};

  bool operator==(const Transfer&) const = default;
};

// All or nothing. With neither a transfer nor devices the answer of a call that
// was refused is all that is kept.
struct TransferChange {
  std::string tenant_id;
  // As it shall stand: new when its version is 1, else one more than the
  // stored. None when devices alone change.
  std::optional<Transfer> transfer = {};
  // As they shall stand, each with one version more than the stored.
  std::vector<Device> devices = {};
  const char* device_kind = "";    // of each device's audit event
  const char* transfer_kind = "";  // of the transfer's
  // Where owners change.
  OwnerChange owner_change = OwnerChange::kTransferred;
  bool opens_past = true;
  // Where all devices go into a group of their owner's: it. Empty: none does.
  std::string group_id = "";
  // What the request id stands for from now on.
  std::optional<OnceKey> once = {};
  std::string once_digest = "";
  std::string result = "";
};

// Claims of devices that one call got wrong.
struct RefusedClaims {
  std::string tenant_id;
  std::string organization_id;
  absl::Time window_start;  // in which they count
  int64_t refused = 0;
};

class TransferStore {
 public:
  virtual ~TransferStore() = default;

  // Durable on return, with an audit event for each device and one for the
  // transfer. A device that a new transfer holds is lost to every other one.
  // kStoreConflict when a version, or what the request id stands for, is not
  // what it was, the group is not there any more, or a device that the end
  // moves or returns is lost: read and decide again.
  virtual absl::Status Change(const RequestContext& context,
                              const std::string& actor, absl::Time at,
                              const TransferChange& change) = 0;

  // Adds to what the organisation got wrong in the window, with an audit event
  // unless there is nothing to add; how many those are now. Of windows the
  // newest counts alone. Durable on return.
  virtual absl::StatusOr<int64_t> CountRefusedClaims(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const RefusedClaims& refused) = 0;

  // kTransferUnknown.
  virtual absl::StatusOr<Transfer> FindTransfer(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& transfer_id) = 0;

  // Those that the organisation gives or receives, by id after `after`, at
  // most `limit`, without their devices. Fewer than `limit`: there are no more.
  virtual absl::StatusOr<std::vector<Transfer>> ListTransfers(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const std::string& after,
      int limit) = 0;

  // Offers of all tenants that nobody answered until `now`, without their
  // devices, at most `limit`.
  virtual absl::StatusOr<std::vector<Transfer>> ListLapsed(
      const RequestContext& context, absl::Time now, int limit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_TRANSFER_STORE_H_
