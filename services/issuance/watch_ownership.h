// The use case of watch_desk.h: one reader of the feed for all watchers of a
// tenant, and for each of them what it may see. Nothing waits for a watcher:
// what it has not taken stays in the store, and it goes on from its own place.
#ifndef SERVICES_ISSUANCE_WATCH_OWNERSHIP_H_
#define SERVICES_ISSUANCE_WATCH_OWNERSHIP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "services/executor/mutex.h"
#include "services/issuance/feed_tail.h"
#include "services/issuance/tools.h"
#include "services/issuance/watch_desk.h"

namespace masa::issuance {

struct WatchTerms {
  absl::Duration heartbeat = absl::Seconds(15);  // the longest silence
  absl::Duration longest = absl::Hours(1);       // then it comes again
  int most_watchers = 100;
  int most_of_a_caller = 10;
};

// Thread-safe.
class WatchOwnership final : public WatchDesk {
 public:
  // `feed`, and what is in `tools`, outlive this; this outlives its watches.
  WatchOwnership(const Tools& tools, storage::FeedStore& feed,
                 const WatchTerms& terms)
      : tools_(tools), feed_(feed), terms_(terms) {}

  absl::StatusOr<std::unique_ptr<OwnershipWatch>> Watch(
      const RequestContext& context, const identity::Principal& caller,
      const std::optional<storage::FeedCursor>& place) override;

  // Reads what is new for the tenants that are watched, and wakes those who
  // have news or were silent for long. Blocks; for one thread at a time. The
  // last failure of the store, which the next call tries again.
  absl::Status Poll(const RequestContext& context);

  // From here on each watch ends with kDraining, the silent ones at once. Does
  // not block.
  void Drain();

 private:
  class OneWatch;

  // A tenant that is watched.
  struct Watched {
    explicit Watched(const storage::FeedCursor& end) : tail(end) {}
    FeedTail tail;
    uint64_t added = 0;  // grows when the tail does
    int watchers = 0;
    int next_lane = 0;
    bool broken = false;  // the store has no more what comes next
  };
  struct Sleeper {
    std::string tenant_id;
    uint64_t seen = 0;  // of `added`
    absl::Time due;
    Wake wake;
  };
  // What a watch finds in the tail; none: it is behind that.
  struct Found {
    std::optional<std::vector<SharedBatch>> batches;
    uint64_t seen = 0;
    bool draining = false;
    bool broken = false;
  };

  absl::Status Join(const identity::Principal& caller,
                    const storage::FeedCursor& end);
  void Leave(const identity::Principal& caller);
  Found Look(const std::string& tenant_id, const storage::FeedCursor& place);
  // False: the watch was taken back before.
  bool Sleep(OneWatch* watch, Sleeper sleeper);
  bool TakeBack(OneWatch* watch);
  absl::Status PollTenant(const RequestContext& context,
                          const std::string& tenant_id);
  void Append(const std::string& tenant_id,
              std::vector<storage::FeedBatch> batches);
  // The status, with what it means for the tenant's watchers.
  absl::Status Fail(const std::string& tenant_id, const absl::Status& status);
  bool IsReady(const Sleeper& sleeper, absl::Time now) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Calls those that are ready; one that cannot be heard sleeps on.
  void WakeThem();

  const Tools tools_;
  storage::FeedStore& feed_;
  const WatchTerms terms_;
  Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  int watchers_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> of_caller_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Watched> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<OneWatch*, Sleeper> sleepers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_WATCH_OWNERSHIP_H_
