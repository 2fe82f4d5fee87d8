// The configuration that a process runs by, and how it takes another one while
// it runs. Thread-safe.
#ifndef SERVICES_MASAD_RUNNING_CONFIG_H_
#define SERVICES_MASAD_RUNNING_CONFIG_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "services/admin/admin_desk.h"
#include "services/config/check_config.h"
#include "services/executor/mutex.h"
#include "services/masad/files.h"

namespace masa::masad {

class RunningConfig {
 public:
  // Takes what can be taken of a configuration, or nothing and says why.
  using Take = std::function<absl::Status(const Setup& renewed)>;

  RunningConfig(Setup setup, const config::Roles& roles, Take take);

  // With what was taken since the start.
  masa::v1::Config Current();

  // What the file has otherwise than the process, without secrets; it is taken
  // where that is possible, unless `validate_only`. kMisconfigured, with all
  // faults, and nothing is taken. One call at a time; blocks.
  absl::StatusOr<std::vector<admin::ConfigDifference>> Reload(
      bool validate_only);

 private:
  const config::Roles roles_;
  const Take take_;
  Mutex mutex_;
  Setup setup_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_RUNNING_CONFIG_H_
