// Reads the feed of ownership changes for those who watch it, a few times a
// second: one reader for all watchers of an authority.
#ifndef SERVICES_MASAD_WATCH_LOOP_H_
#define SERVICES_MASAD_WATCH_LOOP_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/executor/mutex.h"
#include "services/issuance/watch_ownership.h"

namespace masa::masad {

class WatchLoop {
 public:
  // Starts. Series masa_ownership_feed_read_timestamp_seconds: when the feed
  // was read last. Both outlive it.
  WatchLoop(issuance::WatchOwnership& watches, prometheus::Registry& registry);
  // Stops, after the round that runs.
  ~WatchLoop();

 private:
  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait();

  issuance::WatchOwnership& watches_;
  prometheus::Gauge& read_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_WATCH_LOOP_H_
