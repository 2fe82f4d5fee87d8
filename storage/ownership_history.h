// What a change of devices adds to their histories, what every implementation
// asks of a change of a transfer, and what its audit event says. Pure.
#ifndef STORAGE_OWNERSHIP_HISTORY_H_
#define STORAGE_OWNERSHIP_HISTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/device.h"
#include "storage/history_store.h"
#include "storage/transfer_store.h"

namespace masa::storage {

// A device with another owner than before.
struct OwnerMove {
  std::string tenant_id;
  int16_t bucket = 0;
  std::string device_id;
  std::string from;
  std::string to;
  bool is_new = false;  // the device was not there: it has no history
};

// Those of `after`, as they are written, whose owner is not that of the same
// device in `before`, as they were read.
std::vector<OwnerMove> OwnerMovesOf(absl::Span<const Device> before,
                                    absl::Span<const Device> after);

// What holds for all moves of one transaction.
struct MoveTerms {
  OwnerChange kind = OwnerChange::kImported;
  absl::Time at;
  bool opens_past = true;
};

// The newest entry of each device that has one, by device id.
using Heads = std::map<std::string, OwnershipEntry>;

struct PlannedEntry {
  int16_t bucket = 0;
  std::string batch_id;
  int32_t leaf_index = 0;
  OwnershipEntry entry;
};

struct HistoryPlan {
  std::vector<PlannedEntry> entries;
  std::vector<OwnershipBatch> batches;  // one for each tenant
};

HistoryPlan PlanHistory(absl::Span<const OwnerMove> moves, const Heads& heads,
                        const MoveTerms& terms);

// The shard of a batch, which is that of its first device: the last 10 bits of
// the id.
int16_t BatchBucketOf(const std::string& batch_id);

// kInvalidArgument when an id has not its length, a text cannot be stored, or a
// time is no time.
absl::Status CheckTransferChange(const TransferChange& change);

// One for each device, and one for the transfer. `before` has the devices as
// they were.
std::vector<AuditEvent> TransferEvents(const TransferChange& change,
                                       absl::Span<const Device> before,
                                       const std::string& actor, absl::Time at,
                                       const std::string& request_id);

// kInvalidArgument when an id cannot be stored.
absl::Status CheckRefusedClaims(const RefusedClaims& refused);

AuditEvent RefusedClaimsEvent(const RefusedClaims& refused,
                              const std::string& actor, absl::Time at,
                              const std::string& request_id);

absl::Status TransferUnknown();
absl::Status TransferHasChanged();

}  // namespace masa::storage

#endif  // STORAGE_OWNERSHIP_HISTORY_H_
