// The log: one JSON object per line on standard error. Callers pass fields,
// never a formatted secret; keys are a closed set written in the code.
// Thread-safe.
#ifndef SERVICES_TELEMETRY_LOG_H_
#define SERVICES_TELEMETRY_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/telemetry/log_level.h"

namespace masa::telemetry {

using LogField = std::pair<const char*, std::string>;

// Lines below `level` are dropped. kInfo until set.
void SetLogLevel(Level level);

// The level of this process's log, for who changes it for a while.
LogLevel& ProcessLogLevel();

// The level called `name` (debug, info, warn, error); kInfo for others.
Level LevelNamed(absl::string_view name);
const char* NameOf(Level level);

// One line as it is written, without the line break; `time` is RFC 3339.
std::string FormatLogLine(Level level, absl::string_view time,
                          absl::string_view message,
                          std::initializer_list<LogField> fields);

// `time` as a line has it: RFC 3339 in UTC, with milliseconds.
std::string FormatLogTime(absl::Time time);

// Writes one line stamped with the current time.
void Log(Level level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_LOG_H_
