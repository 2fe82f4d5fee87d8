#include "services/masad/running_config.h"

#include <utility>

#include "services/config/config_changes.h"
#include "services/masad/reload.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {

RunningConfig::RunningConfig(Setup setup, const config::Roles& roles, Take take)
    : roles_(roles), take_(std::move(take)), setup_(std::move(setup)) {}

masa::v1::Config RunningConfig::Current() {
  MutexLock lock(mutex_);
  return setup_.config;
}

absl::StatusOr<std::vector<admin::ConfigDifference>> RunningConfig::Reload(
    bool validate_only) {
  MutexLock lock(mutex_);
  if (setup_.file.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "this process was not started from a configuration file");
  }
  MASA_ASSIGN_OR_RETURN(const Setup renewed, ReadSetup(setup_.file, roles_));
  std::vector<admin::ConfigDifference> differences;
  for (config::Change& one : config::ChangesOf(setup_.config, renewed.config)) {
    const bool waits = NeedsRestart(one.path);
    differences.push_back({std::move(one.path), std::move(one.before),
                           std::move(one.after), waits});
  }
  if (validate_only) {
    return differences;
  }
  MASA_RETURN_IF_ERROR(take_(renewed));
  const std::string waits =
      SectionsThatNeedARestart(setup_.config, renewed.config);
  if (!waits.empty()) {
    telemetry::Log(telemetry::Level::kWarn,
                   "parts of the configuration need a restart",
                   {{"sections", waits}});
  }
  setup_.config = WithWhatIsTaken(setup_.config, renewed.config);
  return differences;
}

}  // namespace masa::masad
