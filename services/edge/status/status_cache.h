// Answers about certificates that were signed a moment ago, so that many who
// ask cost one signature. Thread-safe; never blocks for long.
#ifndef SERVICES_EDGE_STATUS_STATUS_CACHE_H_
#define SERVICES_EDGE_STATUS_STATUS_CACHE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/observe/clock.h"

namespace masa::edge {

class StatusCache {
 public:
  // Each answer is kept for `time`, at most `most` of them. `clock` outlives
  // this.
  StatusCache(const Clock& clock, absl::Duration time, size_t most)
      : clock_(clock), time_(time), most_(most) {}

  // Null when nothing fresh is at hand.
  std::shared_ptr<const std::string> Find(const std::string& question) const;

  // Until `end` at the latest.
  void Keep(const std::string& question,
            std::shared_ptr<const std::string> answer, absl::Time end);

 private:
  struct Entry {
    std::shared_ptr<const std::string> answer;
    absl::Time until;
  };

  const Clock& clock_;
  const absl::Duration time_;
  const size_t most_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_STATUS_STATUS_CACHE_H_
