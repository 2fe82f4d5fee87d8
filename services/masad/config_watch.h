// Notices that the configuration, or a file it names, has changed, and tells
// the process; on SIGHUP, and by looking every few seconds, since a mounted
// volume sends no signal.
#ifndef SERVICES_MASAD_CONFIG_WATCH_H_
#define SERVICES_MASAD_CONFIG_WATCH_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/executor/mutex.h"

namespace masa::masad {

class ConfigWatch {
 public:
  // What the files are like now: another text when one of them has changed.
  using Look = std::function<std::string()>;
  // Takes what the files say, or nothing of it and says why.
  using Reload = std::function<absl::Status()>;

  // Starts to look. Series masa_config_last_reload_successful and
  // masa_config_last_reload_timestamp_seconds, of the start too. All outlive
  // this.
  ConfigWatch(prometheus::Registry& registry, Look look, Reload reload);
  // Stops, after the reload that runs.
  ~ConfigWatch();

  // Reloads now, changed or not (SIGHUP). From any thread.
  void ReloadNow();

 private:
  void Run();
  // Waits until it is time to look, asked to reload, or over; whether it goes
  // on.
  bool Wait(bool* asked);
  void Tell(const absl::Status& done);

  const Look look_;
  const Reload reload_;
  std::string taken_;  // how the files were at the last reload
  prometheus::Gauge &successful_, &timestamp_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_CONFIG_WATCH_H_
