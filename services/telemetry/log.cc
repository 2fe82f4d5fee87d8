#include "services/telemetry/log.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
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
    made->set_level(spdlog::level::trace);  // LogLevel says which
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

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
}

// Nearly all strings stand for themselves; the library writes the others.
void AppendString(absl::string_view text, std::string& line) {
  if (IsPlain(text)) {
    absl::StrAppend(&line, "\"", text, "\"");
    return;
  }
  // What a stranger sent may not be UTF-8; it is replaced, never thrown at.
  line += nlohmann::json(std::string(text))
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AppendField(absl::string_view key, absl::string_view value,
                 std::string& line) {
  line += line.empty() ? '{' : ',';
  AppendString(key, line);
  line += ':';
  AppendString(value, line);
}

}  // namespace

LogLevel& ProcessLogLevel() {
  static auto& level = *new LogLevel();
  return level;
}

void SetLogLevel(Level level) { ProcessLogLevel().Configure(level); }

const char* NameOf(Level level) { return kNames[static_cast<int>(level)]; }

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
  std::string line;
  AppendField("time", time, line);
  AppendField("level", kNames[static_cast<int>(level)], line);
  AppendField("message", message, line);
  for (const auto& [key, value] : fields) {
    AppendField(key, value, line);
  }
  line += '}';
  return line;
}

std::string FormatLogTime(absl::Time time) {
  // Each thread remembers its last second: the calendar is dear.
  thread_local int64_t last = std::numeric_limits<int64_t>::min();
  thread_local std::string text;
  const int64_t milliseconds = absl::ToUnixMillis(time);
  const int64_t second = absl::ToUnixSeconds(time);
  if (second != last) {
    last = second;
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S.", time, absl::UTCTimeZone());
  }
  const int64_t rest = milliseconds - second * 1000;
  return absl::StrCat(text, absl::Dec(rest, absl::kZeroPad3), "Z");
}

void Log(Level level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  const absl::Time now = absl::Now();
  if (level < ProcessLogLevel().At(now)) {
    return;
  }
  spdlog::logger& sink = Sink();
  const std::string line =
      FormatLogLine(level, FormatLogTime(now), message, fields);
  sink.log(ToSpdlog(level), spdlog::string_view_t(line));
  sink.flush();
}

}  // namespace masa::telemetry
