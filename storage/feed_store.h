// The promise of the feed of ownership changes: what every transaction that
// changed devices wrote beside them, to be read from any place on. A tenant's
// feed has lanes, and a lane has batches, numbered from 1 without gaps in the
// order of their commits: whoever has seen a batch can miss none before it.
// Between lanes there is no order, and a device's changes may stand in several:
// of two the one with the greater version is the later one. Thread-safe;
// blocks. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_FEED_STORE_H_
#define STORAGE_FEED_STORE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"

namespace masa::storage {

inline constexpr int kFeedLanes = 64;
inline constexpr int kBucketsOfALane = 1024 / kFeedLanes;

// What a change was, in the first of these words that holds. Numbers stand in
// records.
enum class ChangeKind {
  kCreated = 1,    // made or imported
  kDeleted = 2,    // unknown from now on
  kUndeleted = 3,  // and known again
  kOwner = 4,      // another owner, or none
  kState = 5,
  kPlacement = 6,  // another group of the same owner
  kUpdated = 7,    // nothing of these: what else is on record
};

// One device, as one transaction changed it.
struct OwnershipChange {
  std::string serial_number;
  std::optional<std::string> idevid_issuer;
  std::string device_id;  // 16 octets
  int64_t version = 0;    // of the device, after the change
  ChangeKind kind = ChangeKind::kUpdated;
  // Whose it was and whose it is, empty: nobody's; and in which group, empty:
  // in the root group alone.
  std::string from_organization_id;
  std::string from_group_id;
  std::string to_organization_id;
  std::string to_group_id;

  bool operator==(const OwnershipChange&) const = default;
};

// What one transaction changed of one tenant's devices.
struct FeedBatch {
  std::string tenant_id;
  int lane = 0;          // 0 to kFeedLanes - 1
  int64_t position = 0;  // in the lane, from 1
  absl::Time at;         // to the microsecond; not in the order of positions
  std::vector<OwnershipChange> changes;  // each device once

  bool operator==(const FeedBatch&) const = default;
};

// A place in a tenant's feed: of each lane, the last batch before it.
using FeedCursor = std::array<int64_t, kFeedLanes>;

struct FeedQuestion {
  std::string tenant_id;
  FeedCursor after = {};
  int first_lane = 0;  // whose turn it is, where there are more than `limit`
  int limit = 16;      // batches, at least 1
};

class FeedStore {
 public:
  virtual ~FeedStore() = default;

  // Where the feed ends now.
  virtual absl::StatusOr<FeedCursor> ReadHeads(
      const RequestContext& context, const std::string& tenant_id) = 0;

  // The next batches, lane after lane and each lane's in order, at most
  // `limit`; none: there are no more. kResumeTokenExpired when what comes next
  // is not kept any more, or was never there.
  virtual absl::StatusOr<std::vector<FeedBatch>> ReadAfter(
      const RequestContext& context, const FeedQuestion& question) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_FEED_STORE_H_
