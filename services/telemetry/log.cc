#include "services/telemetry/log.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace masa::telemetry {
namespace {

constexpr const char* kNames[] = {"debug", "info", "warn", "error"};

spdlog::logger& Sink() {
  static const auto& logger = *new std::shared_ptr<spdlog::logger>([] {
    auto made = std::make_shared<spdlog::logger>(
        "masad", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    return made;
  }());
  return *logger;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void SetLogLevel(Level level) { Sink().set_level(ToSpdlog(level)); }

Level LevelNamed(absl::string_view name) {
  for (int i = 0; i < 4; ++i) {
    if (name == kNames[i]) {
      return static_cast<Level>(i);
    }
  }
  return Level::kInfo;
}

std::string FormatLogLine(Level level, absl::string_view time,
                          absl::string_view message,
                          std::initializer_list<LogField> fields) {
  nlohmann::ordered_json line;
  line["time"] = std::string(time);
  line["level"] = kNames[static_cast<int>(level)];
  line["message"] = std::string(message);
  for (const auto& [key, value] : fields) {
    line[key] = value;
  }
  // What a stranger sent may not be UTF-8; it is replaced, never thrown at.
  return line.dump(-1, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace);
}

void Log(Level level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  spdlog::logger& sink = Sink();
  if (!sink.should_log(ToSpdlog(level))) {
    return;
  }
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                                            absl::UTCTimeZone());
  const std::string line = FormatLogLine(level, time, message, fields);
  sink.log(ToSpdlog(level), spdlog::string_view_t(line));
  sink.flush();
}

}  // namespace masa::telemetry
