// What a change of devices adds to the feed, and which of its lanes are read
// next: shared by all implementations, so that they decide alike. Pure.
#ifndef STORAGE_FEED_RULES_H_
#define STORAGE_FEED_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/device.h"
#include "storage/feed_store.h"

namespace masa::storage {

// One batch for each tenant, in the order of tenants, of the devices `after`,
// as they are written, which stood as in `before`, where they did. Without
// position: the store gives it. The lane is that of the tenant's first device.
std::vector<FeedBatch> FeedBatchesOf(absl::Span<const Device> before,
                                     absl::Span<const Device> after,
                                     absl::Time at);

// The lanes with something behind `question.after`, the one whose turn it is
// first, no more than the limit. kResumeTokenExpired when a head is before it.
absl::StatusOr<std::vector<int>> LanesToRead(const FeedQuestion& question,
                                             const FeedCursor& heads);

// How many batches may be read of each of `lanes` lanes, of which there is one.
int BatchesOfALane(const FeedQuestion& question, size_t lanes);

absl::Status FeedNotKept();

}  // namespace masa::storage

#endif  // STORAGE_FEED_RULES_H_
