// The newest batches of a tenant's feed, read once for all its watchers. It
// forgets the oldest when it has many: whoever is further behind reads the
// store. Not thread-safe.
#ifndef SERVICES_ISSUANCE_FEED_TAIL_H_
#define SERVICES_ISSUANCE_FEED_TAIL_H_

#include <deque>
#include <memory>
#include <vector>

#include "storage/feed_store.h"

namespace masa::issuance {

using SharedBatch = std::shared_ptr<const storage::FeedBatch>;

class FeedTail {
 public:
  // Empty, at the place where the feed ends. `most_changes` of batches that
  // are kept, the newest one apart.
  explicit FeedTail(const storage::FeedCursor& end,
                    size_t most_changes = 32'000)
      : begin_(end), end_(end), most_changes_(most_changes) {}

  // Behind what it has: the next of its lane.
  void Add(SharedBatch batch);

  const storage::FeedCursor& end() const { return end_; }

  // Whether all that is behind `place` up to end() is here.
  bool Covers(const storage::FeedCursor& place) const;

  // The batches behind a place that it covers, each lane's in order; no more
  // once they have `enough` changes.
  std::vector<SharedBatch> After(const storage::FeedCursor& place,
                                 size_t enough) const;

 private:
  storage::FeedCursor begin_;  // before the first batch
  storage::FeedCursor end_;    // behind the last one
  const size_t most_changes_;
  size_t changes_ = 0;
  std::deque<SharedBatch> batches_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_FEED_TAIL_H_
