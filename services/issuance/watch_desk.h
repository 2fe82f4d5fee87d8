// Who watches changes of ownership, as a use case: the face only translates.
// Thread-safe; blocks but where it says otherwise. Every error carries a
// reason.
#ifndef SERVICES_ISSUANCE_WATCH_DESK_H_
#define SERVICES_ISSUANCE_WATCH_DESK_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/feed_store.h"

namespace masa::issuance {

struct WatchedChange {
  storage::OwnershipChange change;
  absl::Time at;
};

// What a watcher is told next.
struct WatchNews {
  std::vector<WatchedChange> changes;  // none: a sign of life
  storage::FeedCursor place = {};      // behind these
};

// Called when there may be news; does not block. False when it cannot be heard
// now: then it is called again soon.
using Wake = std::function<bool()>;

// One watcher. Next and WhenReady are called by one thread at a time. Gives up
// its place among the watchers when it is destroyed.
class OwnershipWatch {
 public:
  virtual ~OwnershipWatch() = default;

  // What there is to tell now, which the caller has then taken; none: nothing
  // yet. kResumeTokenExpired when the watcher has fallen behind what is kept;
  // kDraining when it shall come again, to another replica maybe.
  virtual absl::StatusOr<std::optional<WatchNews>> Next(
      const RequestContext& context) = 0;

  // Calls `wake` once, from another thread or before it returns, when Next
  // should be asked again. False: it was forgotten before. Does not block.
  virtual bool WhenReady(Wake wake) = 0;

  // From here on nobody is woken. True: `wake` was waiting, and is not called.
  // From any thread; does not block.
  virtual bool Forget() = 0;
};

class WatchDesk {
 public:
  virtual ~WatchDesk() = default;

  // Watches from `place` on, from now on when it is absent. An operator is told
  // of all devices of its tenant; a customer of those that it may see, or could
  // see before the change. kOverloaded when there are too many watchers,
  // kResumeTokenExpired for a place that the feed never came to.
  virtual absl::StatusOr<std::unique_ptr<OwnershipWatch>> Watch(
      const RequestContext& context, const identity::Principal& caller,
      const std::optional<storage::FeedCursor>& place) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_WATCH_DESK_H_
